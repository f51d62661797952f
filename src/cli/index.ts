#!/usr/bin/env node

/**
 * The binary.
 */

import { keepCompiled } from './compile-cache.ts'

// before anything else is loaded
keepCompiled()

await import('./main.ts')
