// SPDX-License-Identifier: ISC
// valid.mjs MODULES DOCUMENT: the document is what OpenAPI 3.1 allows.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [modules, path] = process.argv.slice(2)
const find = createRequire(`${modules}/package.json`)
const { Validator } = await import(pathToFileURL(find.resolve('@seriousme/openapi-schema-validator')))
const validator = new Validator()
const { valid, errors } = await validator.validate(JSON.parse(readFileSync(path)))
if (valid) console.log(`OpenAPI ${validator.version}`)
else console.error(errors)
process.exit(valid ? 0 : 1)
