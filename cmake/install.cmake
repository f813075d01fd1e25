# SPDX-License-Identifier: ISC
# What "cmake --install" puts where; the unit starts the program from there.
install(TARGETS nixie nixie-pipe RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# where OpenSMTPD looks for it, in a distribution's own prefix
install(TARGETS filter-nixie
        RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/opensmtpd)
install(DIRECTORY rules DESTINATION ${CMAKE_INSTALL_DATADIR}/nixie)
install(FILES docs/man/nixie.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/man/nixie.conf.5 docs/man/nixie-rules.5
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES docs/man/nixie-pipe.8 docs/man/filter-nixie.8
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)

set(units ${CMAKE_SOURCE_DIR}/contrib/systemd)
file(READ ${units}/nixie.service unit)
string(REPLACE /usr/local/bin/ ${CMAKE_INSTALL_FULL_BINDIR}/ unit "${unit}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/nixie.service CONTENT "${unit}" @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                                       ${units}/nixie.service)
install(FILES ${CMAKE_BINARY_DIR}/nixie.service ${units}/nixie.socket
              ${units}/nixie-ask.socket ${units}/nixie-blocked.socket
              ${units}/nixie-http.socket
        DESTINATION lib/systemd/system)
install(FILES ${units}/nixie.sysusers DESTINATION lib/sysusers.d
        RENAME nixie.conf)

# Where it is installed there is no docs/: pages are found by man, the rest lies
# beside it.
file(READ README.md readme)
string(REGEX REPLACE "docs/man/([a-z.-]+)\\.([158])" "\\1(\\2)" readme
                     "${readme}")
string(REPLACE "`docs/" "`" readme "${readme}")
string(REPLACE "`rules/" "`${CMAKE_INSTALL_FULL_DATADIR}/nixie/rules/" readme
               "${readme}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/installed/README.md
     CONTENT "${readme}" @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS README.md)
install(FILES ${CMAKE_BINARY_DIR}/installed/README.md CHANGELOG.md
              CONTRIBUTING.md LICENSE SECURITY.md docs/architecture.md
              docs/nixie.yaml docs/openapi.json docs/rules.md docs/rules-disagreements.md
              docs/violations.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/howto DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY contrib/clients contrib/exim contrib/grafana contrib/nginx
                  contrib/opensmtpd contrib/postfix contrib/prometheus
                  contrib/sendmail
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/contrib)
install(FILES ${units}/nixie-http.conf
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/contrib/systemd)
