/* SPDX-License-Identifier: ISC */
typedef int nx_empty_file;
