/**
 * An empty project that the package is installed in.
 */

import { lstat, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './contents.ts'
import { formatSize } from './format.ts'
import { environment, npm, run } from './run.ts'
import type { RunOptions } from './run.ts'

const minute = 60_000

/** Packages that the examples import by themselves, as their readers install them */
const OF_EXAMPLES = [
  '@chainsafe/libp2p-gossipsub',
  '@chainsafe/libp2p-noise',
  '@chainsafe/libp2p-yamux',
  '@libp2p/identify',
  '@libp2p/tcp',
  'libp2p',
  'viem'
]

export interface Manifest {
  name: string
  version: string
  bin: Record<string, string>
  exports: Record<string, unknown>
  dependencies: Record<string, string>
}

export class Project {
  readonly path: string
  readonly manifest: Manifest

  constructor (path: string, manifest: Manifest) {
    this.path = path
    this.manifest = manifest
  }

  /** Names by which the package is imported */
  get entries (): string[] {
    return Object.keys(this.manifest.exports).map(key => key.replace(/^\./, this.manifest.name))
  }

  /** The command that npm has made of the binary */
  get command (): string {
    return join(this.path, 'node_modules', '.bin', Object.keys(this.manifest.bin)[0])
  }

  /** Nothing outside the project is written */
  get env (): NodeJS.ProcessEnv {
    return environment({ HOME: this.path, XDG_STATE_HOME: join(this.path, 'state'), LIBP2P_VOTING_LOCK_DIR: join(this.path, 'locks') })
  }

  async run (program: string, args: string[], options: Partial<RunOptions> = {}): Promise<string> {
    return run(program, args, { cwd: this.path, env: this.env, ...options })
  }

  async node (args: string[], options: Partial<RunOptions> = {}): Promise<string> {
    return this.run(process.execPath, args, options)
  }

  async write (name: string, text: string): Promise<string> {
    const path = join(this.path, name)

    await writeFile(path, text)

    return path
  }

  async size (): Promise<string> {
    const modules = join(this.path, 'node_modules')
    const { packages } = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8')) as { packages: Record<string, unknown> }
    const own = await sizeOf(join(modules, this.manifest.name))

    return `${formatSize(await sizeOf(modules))} in ${Object.keys(packages).length} packages, of which ours has ${formatSize(own)}`
  }
}

/**
 * Installs the package as its users do. Its native parts come compiled: npm need not run a script of any package.
 */
export async function createProject (path: string, tarball: string): Promise<Project> {
  const ours = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest
  const dependencies = Object.fromEntries(OF_EXAMPLES.map(name => [name, ours.dependencies[name]]))

  await writeFile(join(path, 'package.json'), JSON.stringify({ name: 'an-empty-project', private: true, type: 'module', dependencies }))
  await npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', tarball], { cwd: path, timeout: 5 * minute })

  const manifest = JSON.parse(await readFile(join(path, 'node_modules', ours.name, 'package.json'), 'utf8')) as Manifest

  return new Project(path, manifest)
}

/** Bytes of the files in a folder */
async function sizeOf (folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = entries
    .filter(entry => entry.isFile())
    .map(async entry => (await lstat(join(entry.parentPath, entry.name))).size)

  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
