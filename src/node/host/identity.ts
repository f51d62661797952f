/**
 * Who a node is: one key for the peer id, one for votes. Made together on first start, in `keys/` of the data directory,
 * each in a file that only its owner can read. They are never printed, replaced or deleted by us.
 */

import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { ethereumSigner } from '../../signers/ethereum.ts'
import { syncFolder } from '../../storage/files/make-folder.ts'
import { KeyFileError } from '../errors.ts'
import { createFile, isErrorWithCode } from './files.ts'
import { explain } from './running-node.ts'
import type { ConsensusSigner } from '../../consensus/signing.ts'
import type { PrivateKey } from '@libp2p/interface'

/** libp2p's protobuf of an Ed25519 private key, in base64 */
const PEER_KEY = 'peer.key'

/** A secp256k1 private key: 0x and 64 hex digits */
const VOTER_KEY = 'voter.key'

export interface Identity {
  privateKey: PrivateKey
  signer: ConsensusSigner
}

/**
 * The keys of a data directory, made if there are none and nothing has been stored yet.
 *
 * @param fresh - whether the node has never run on this directory, so that no keys can have been lost
 * @param onMade - called with the identity of a key that is made here, before the key is there
 * @throws {KeyFileError} if a file is missing, damaged, of the wrong length, or can be read by others
 */
export async function loadIdentity (folder: string, fresh: boolean, onMade?: (identity: Uint8Array) => Promise<void>): Promise<Identity> {
  if (!await exists(folder)) {
    if (!fresh) {
      throw new KeyFileError(`The keys are missing: there is no ${folder}, but this node has run before. Restore it from your backup, or start a new node with another --data-dir`)
    }

    await createKeys(folder, onMade)
  }

  return {
    privateKey: await readPeerKey(join(folder, PEER_KEY)),
    signer: await readVoterKey(join(folder, VOTER_KEY))
  }
}

/** Both files or none: they are made in another folder that then gets the name */
async function createKeys (folder: string, onMade?: (identity: Uint8Array) => Promise<void>): Promise<void> {
  const temporary = await mkdtemp(`${folder}.tmp-`)
  const voterKey = newVoterKey()

  try {
    await createFile(join(temporary, PEER_KEY), `${toString(privateKeyToProtobuf(await generateKeyPair('Ed25519')), 'base64pad')}\n`)
    await createFile(join(temporary, VOTER_KEY), `0x${toString(voterKey, 'hex')}\n`)
    await onMade?.(ethereumSigner(voterKey).identity)
    await syncFolder(temporary)
    await rename(temporary, folder)
    await syncFolder(dirname(folder))
  } catch (err) {
    await rm(temporary, { recursive: true, force: true })

    // another process was as quick: its keys are the ones
    if (isErrorWithCode(err, 'ENOTEMPTY', 'EEXIST')) {
      return
    }

    throw new KeyFileError(`The keys cannot be written to ${folder}: ${explain(err)}. Make room there and let it be written, or give another directory with --data-dir. No keys were made`, { cause: err })
  }
}

/** 32 random bytes are a key unless they are 0 or beyond the curve's order, which nobody will ever see */
function newVoterKey (): Uint8Array {
  const key = randomBytes(32)

  ethereumSigner(key)

  return key
}

async function readPeerKey (path: string): Promise<PrivateKey> {
  const text = await readKey(path)
  let key: PrivateKey

  try {
    key = privateKeyFromProtobuf(fromString(text, 'base64pad'))
  } catch {
    // the cause may hold the key
    throw damaged(path, 'a libp2p Ed25519 private key in base64', text)
  }

  if (key.type !== 'Ed25519') {
    throw damaged(path, 'a libp2p Ed25519 private key in base64', text)
  }

  return key
}

async function readVoterKey (path: string): Promise<ConsensusSigner> {
  const text = await readKey(path)

  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) {
    throw damaged(path, '0x and 64 hex digits', text)
  }

  try {
    return ethereumSigner(fromString(text.slice(2).toLowerCase(), 'hex'))
  } catch {
    throw damaged(path, 'a secp256k1 private key', text)
  }
}

async function readKey (path: string): Promise<string> {
  try {
    const { mode } = await stat(path)

    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new KeyFileError(`The key file ${path} can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')}). Run: chmod 600 ${path}`)
    }

    return (await readFile(path, 'utf8')).trim()
  } catch (err) {
    if (isErrorWithCode(err, 'ENOENT')) {
      throw new KeyFileError(`The key file ${path} is missing. Restore it from your backup, or start a new node with another --data-dir`)
    }

    if (err instanceof KeyFileError) {
      throw err
    }

    throw new KeyFileError(`The key file ${path} cannot be read: ${(err as Error).message}`, { cause: err })
  }
}

function damaged (path: string, expected: string, text: string): KeyFileError {
  return new KeyFileError(`The key file ${path} is damaged: it must hold ${expected}, and has ${text.length} characters that are none. It was left as it is; restore it from your backup`)
}

async function exists (path: string): Promise<boolean> {
  try {
    await stat(path)

    return true
  } catch (err) {
    if (isErrorWithCode(err, 'ENOENT')) {
      return false
    }

    throw new KeyFileError(`The keys in ${path} cannot be read: ${(err as Error).message}`, { cause: err })
  }
}
