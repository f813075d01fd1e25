// SPDX-License-Identifier: ISC
// client.js URL SECRET: a client whose types are made from docs/openapi.json
// asks, tells and lists.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './openapi.js'

const [url, secret] = process.argv.slice(2)
const nixie = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${secret}` } })
const address = 'dora@example.com'
const one = { params: { path: { address } } }

const free = await nixie.GET('/v1/suppressions/{address}', one)
assert.equal(free.error?.type, 'urn:nixie:problem:not-suppressed')

const entry = await nixie.PUT('/v1/suppressions/{address}', { ...one, body: { class: 'manual', note: 'asked us' } })
assert.equal(entry.data?.who, 'shop')

const known = await nixie.GET('/v1/suppressions/{address}', one)
assert.equal(known.data?.blocked_by[0]?.note, 'asked us')

const checked = await nixie.POST('/v1/check', { body: { addresses: [address, 'nobody'], attempt: true } })
const [first, second] = checked.data!.results
assert.ok('suppressed' in first! && first.suppressed && first.until === null)
assert.ok('error' in second!)

const items: components['schemas']['Standing'][] = []
let cursor: string | undefined
do {
	const page = await nixie.GET('/v1/suppressions', { params: { query: { domain: 'example.com', limit: 1, cursor } } })
	items.push(...page.data!.items)
	cursor = page.data!.next ?? undefined
} while (cursor)
assert.ok(items.some((item) => item.address === address))
assert.equal(new Set(items.map((item) => item.address)).size, items.length)

const sent = await nixie.POST('/v1/sent', {
	body: { messages: [{ message_id: '<1@example.org>', recipient: address, time: new Date().toISOString().slice(0, 19) + 'Z' }] },
})
assert.equal(sent.data?.recorded, 1)

const events = await nixie.GET('/v1/events', { params: { query: { address } } })
assert.equal(events.data?.items.at(-1)?.what, 'attempt')

const changes = await nixie.GET('/v1/changes')
assert.ok(changes.data?.items.some((change) => change.address === address && change.state))

const released = await nixie.DELETE('/v1/suppressions/{address}', {
	params: { path: { address }, query: { class: 'manual', note: 'came back' } },
})
assert.deepEqual(released.data?.left, [])

const wrong = await nixie.POST('/v1/check', { body: { addresses: Array(1001).fill(address) } })
assert.equal(wrong.error?.field, 'addresses')
