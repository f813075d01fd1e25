// SPDX-License-Identifier: ISC
'use strict'

// At RCPT TO, asks nixie by HTTP whether the recipient is suppressed: such a
// recipient is refused, and the attempt recorded. config/nixie.ini says where
// nixie is, and what happens when it is away.

const fs = require('fs')
const http = require('http')
const https = require('https')
const { URL } = require('url')

exports.register = function () {
	this.load_ini()
}

exports.load_ini = function () {
	this.cfg = this.config.get('nixie.ini', { booleans: ['-main.all_clients'] }, () => this.load_ini())
	const main = this.cfg.main
	const { protocol, hostname, port, pathname } = new URL(main.url)
	this.client = protocol === 'https:' ? https : http
	this.where = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname.replace(/[[\]]/g, ''), port }
	this.agent = new this.client.Agent({ keepAlive: true })
	this.headers = { 'Content-Type': 'application/json' }
	if (main.token_file)
		this.headers.Authorization = `Bearer ${fs.readFileSync(main.token_file, 'utf8').trim()}`
}

exports.hook_rcpt = function (next, connection, params) {
	const main = this.cfg.main
	// from outside: mail for us, not mail of ours
	if (!connection.relaying && !main.all_clients) return next()
	const { address } = params[0]
	const question = {
		addresses: [typeof address === 'function' ? params[0].address() : address],
		attempt: true,
	}
	if (main.stream) question.stream = main.stream
	this.ask(question, (error, result) => {
		if (error) {
			connection.logerror(this, `nixie is away: ${error.message}`)
			return main.away === 'open' ? next() : next(DENYSOFT, '4.3.0 nixie is away')
		}
		// of what is no address nothing is remembered
		if (result.error || !result.suppressed) return next()
		const { class: kind, reason } = result
		next(DENY, `5.7.1 suppressed by nixie (${kind}${reason && reason !== kind ? ` ${reason}` : ''})`)
	})
}

// done(error), or done(null, result); within timeout seconds in all
exports.ask = function (question, done) {
	const request = this.client.request({
		...this.where,
		path: '/v1/check',
		method: 'POST',
		agent: this.agent,
		headers: this.headers,
	})
	const seconds = Number(this.cfg.main.timeout) || 3
	const timer = setTimeout(() => request.destroy(new Error('no answer in time')), seconds * 1000)
	let answered = false
	const once = (...answer) => {
		clearTimeout(timer)
		if (!answered) done(...answer)
		answered = true
	}
	request.on('error', (error) => {
		// nixie ends connections that were idle
		if (answered || !request.reusedSocket || error.code !== 'ECONNRESET') return once(error)
		clearTimeout(timer)
		answered = true
		this.ask(question, done)
	})
	request.on('response', (response) => {
		let text = ''
		response.setEncoding('utf8')
		response.on('data', (data) => (text += data))
		response.on('error', once)
		response.on('end', () => {
			try {
				once(null, exports.read(response.statusCode, JSON.parse(text)))
			} catch (error) {
				once(error)
			}
		})
	})
	request.end(JSON.stringify(question))
}

exports.read = (status, answer) => {
	if (status !== 200) throw new Error(answer.detail || `status ${status}`)
	return answer.results[0]
}
