#!/usr/bin/env node

/**
 * Measures how votes spread, see simulate/spread.ts:
 *
 *     node dist/scripts/spread.js [--nodes N] [--seed S] [--svg FILE]
 */

import { parseArgs } from 'node:util'
import { MAX_NODES, runSpread } from './simulate/spread.ts'

const { values } = parseArgs({ options: { nodes: { type: 'string' }, seed: { type: 'string' }, svg: { type: 'string' } } })
const { ok } = await runSpread({ nodes: Number(values.nodes ?? MAX_NODES), seed: Number(values.seed ?? 1), svg: values.svg ?? 'docs/spread.svg', say: console.info })

process.exitCode = ok ? 0 : 1
