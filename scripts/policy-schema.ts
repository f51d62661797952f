/**
 * Writes docs/scope-policy.schema.json, the JSON Schema of policy files, from what validates them.
 */

import { writeFile } from 'node:fs/promises'
import { policyJsonSchema } from '../src/consensus/policy/policy.ts'

await writeFile('docs/scope-policy.schema.json', `${JSON.stringify(policyJsonSchema(), null, 2)}\n`)
