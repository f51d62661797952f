/**
 * Writes docs/config.schema.json, the JSON Schema of configuration files of a node, from what validates them.
 */

import { writeFile } from 'node:fs/promises'
import { configJsonSchema } from '../src/cli/config/settings.ts'

await writeFile('docs/config.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
