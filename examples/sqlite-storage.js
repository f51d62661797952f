#!/usr/bin/env node
/**
 * A storage of your own: SQLite, as Node.js has it (22.13 or newer, no package needed).
 *
 * Shows: all that a ConsensusStorage has to do, in some two hundred lines; how sessions become rows and come back; that a vote writes
 * one row, however many there are; and that it passes the tests which every storage of this project has to pass, with the file
 * closed and opened between any two steps. The optional methods of the interface, which make large stores quick, are left out.
 *
 * Run: node --test examples/sqlite-storage.js. Or import SqliteStorage from it: voting({ signer, storage: new SqliteStorage('votes.db') })
 *
 * Prints the tests, and at the end how many failed: none.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConsensusSession, SessionNotActiveError, SessionNotFoundError, defaultScopeConfig, validateScopeConfig } from 'libp2p-voting/consensus'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS sessions (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  scope TEXT NOT NULL,
  proposal_id INTEGER NOT NULL,
  head TEXT NOT NULL,
  outcome TEXT NOT NULL,
  UNIQUE (scope, proposal_id)
);
CREATE TABLE IF NOT EXISTS votes (
  place INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
  number INTEGER NOT NULL,
  vote BLOB NOT NULL,
  PRIMARY KEY (place, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (kind, name)
);`

export class SqliteStorage {
  /** Everything is kept for ever, so that a service need not drop what has ended to save memory */
  isArchive = true
  #database
  #statements = new Map()

  constructor (file) {
    this.file = file
    this.#database = new DatabaseSync(file)
    // a promise that has resolved means that it survives a loss of power
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;')
    this.#database.exec(SCHEMA)
  }

  async close () {
    this.#database.close()
  }

  async saveSession (scope, session) {
    this.#transaction(() => { this.#save(scope, session) })
  }

  async getSession (scope, proposalId) {
    return this.#load(this.#find(scope, proposalId))
  }

  async removeSession (scope, proposalId) {
    return this.#transaction(() => {
      const session = this.#load(this.#find(scope, proposalId))

      this.#run('DELETE FROM sessions WHERE scope = ? AND proposal_id = ?', scope, proposalId)

      return session
    })
  }

  async listScopeSessions (scope) {
    const sessions = this.#list(scope)

    return sessions.length === 0 ? undefined : sessions
  }

  async * streamScopeSessions (scope) {
    // which there are now; of each, how it is when its turn comes
    for (const { place } of this.#all('SELECT place FROM sessions WHERE scope = ? ORDER BY place', scope)) {
      const session = this.#load(this.#get('SELECT * FROM sessions WHERE place = ?', place))

      if (session != null) {
        yield session
      }
    }
  }

  async replaceScopeSessions (scope, sessions) {
    this.#transaction(() => { this.#replace(scope, sessions) })
  }

  async listScopes () {
    const scopes = this.#all('SELECT scope FROM sessions GROUP BY scope ORDER BY MIN(place)').map(({ scope }) => scope)

    return scopes.length === 0 ? undefined : scopes
  }

  async updateSession (scope, proposalId, update) {
    return this.#transaction(() => {
      // what update throws undoes the transaction
      const session = update(this.#load(this.#require(scope, proposalId)))

      this.#save(scope, session)

      return session
    })
  }

  async appendVote (scope, session, { count = 1 } = {}) {
    this.#transaction(() => {
      const { place, outcome } = this.#require(scope, session.proposal.proposalId)

      if (fromJson(outcome).pruned != null) {
        throw new SessionNotActiveError('The votes of this proposal are kept no longer, so it takes no more', { scope, proposalId: session.proposal.proposalId })
      }

      const first = session.voteCount - count

      for (const [index, vote] of session.encodedVotes(first).entries()) {
        this.#run('INSERT OR REPLACE INTO votes (place, number, vote) VALUES (?, ?, ?)', place, first + index, vote)
      }

      if (toJson(outcomeOf(session)) !== outcome) {
        this.#run('UPDATE sessions SET outcome = ? WHERE place = ?', toJson(outcomeOf(session)), place)
      }
    })
  }

  async updateScopeSessions (scope, update) {
    this.#transaction(() => { this.#replace(scope, update(this.#list(scope))) })
  }

  async getScopeConfig (scope) {
    return this.#setting('config', scope)
  }

  async setScopeConfig (scope, config) {
    validateScopeConfig(config)
    this.#saveSetting('config', scope, config)
  }

  async updateScopeConfig (scope, update) {
    return this.#transaction(() => {
      const config = update(this.#setting('config', scope) ?? defaultScopeConfig())

      validateScopeConfig(config)
      this.#saveSetting('config', scope, config)

      return config
    })
  }

  async deleteScope (scope) {
    this.#transaction(() => {
      this.#run('DELETE FROM sessions WHERE scope = ?', scope)
      this.#run("DELETE FROM settings WHERE kind = 'config' AND name = ?", scope)
    })
  }

  // From here on a PolicyStorage, by which a node is in its scopes again when it starts

  async savePolicy (policy) {
    this.#saveSetting('policy', policy.name, policy)
  }

  async removePolicy (name) {
    this.#run("DELETE FROM settings WHERE kind IN ('policy', 'scope') AND name = ?", name)
  }

  async listPolicies () {
    return this.#all("SELECT value FROM settings WHERE kind = 'policy' ORDER BY rowid").map(({ value }) => fromJson(value))
  }

  async saveSettings (name, settings) {
    this.#saveSetting('scope', name, settings)
  }

  async getSettings (name) {
    return this.#setting('scope', name)
  }

  #save (scope, session) {
    const { proposal, config, createdAt, signature } = session
    const { place } = this.#get(
      'INSERT INTO sessions (scope, proposal_id, head, outcome) VALUES (?, ?, ?, ?) ON CONFLICT (scope, proposal_id) DO UPDATE SET head = excluded.head, outcome = excluded.outcome RETURNING place',
      scope, proposal.proposalId, toJson({ proposal, config, createdAt, signature }), toJson(outcomeOf(session))
    )

    this.#run('DELETE FROM votes WHERE place = ?', place)

    for (const [number, vote] of session.encodedVotes().entries()) {
      this.#run('INSERT INTO votes (place, number, vote) VALUES (?, ?, ?)', place, number, vote)
    }
  }

  /** A session is what its parts say: the service has checked them before they were stored */
  #load (row) {
    if (row == null) {
      return undefined
    }

    const votes = this.#all('SELECT vote FROM votes WHERE place = ? ORDER BY number', row.place).map(({ vote }) => vote)

    return ConsensusSession.fromParts({ ...fromJson(row.head), ...fromJson(row.outcome), votes })
  }

  #list (scope) {
    return this.#all('SELECT * FROM sessions WHERE scope = ? ORDER BY place', scope).map(row => this.#load(row))
  }

  #replace (scope, sessions) {
    this.#run('DELETE FROM sessions WHERE scope = ?', scope)
    sessions.forEach(session => { this.#save(scope, session) })
  }

  #find (scope, proposalId) {
    return this.#get('SELECT * FROM sessions WHERE scope = ? AND proposal_id = ?', scope, proposalId)
  }

  #require (scope, proposalId) {
    const row = this.#find(scope, proposalId)

    if (row == null) {
      throw new SessionNotFoundError('There is no such proposal', { scope, proposalId })
    }

    return row
  }

  #setting (kind, name) {
    const row = this.#get('SELECT value FROM settings WHERE kind = ? AND name = ?', kind, name)

    return row == null ? undefined : fromJson(row.value)
  }

  #saveSetting (kind, name, value) {
    this.#run('INSERT INTO settings (kind, name, value) VALUES (?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value', kind, name, toJson(value))
  }

  /** Happens as a whole, or not at all. What runs in it is synchronous, so that no other call comes in between. */
  #transaction (run) {
    this.#database.exec('BEGIN IMMEDIATE')

    try {
      const result = run()

      this.#database.exec('COMMIT')

      return result
    } catch (err) {
      // a full disk, for one, has ended it already
      if (this.#database.isTransaction) {
        this.#database.exec('ROLLBACK')
      }

      throw err
    }
  }

  #run (sql, ...values) {
    return this.#prepare(sql).run(...values)
  }

  #get (sql, ...values) {
    return this.#prepare(sql).get(...values)
  }

  #all (sql, ...values) {
    return this.#prepare(sql).all(...values)
  }

  #prepare (sql) {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql)

    this.#statements.set(sql, statement)

    return statement
  }
}

/** What may change of a session besides its votes */
function outcomeOf ({ state, result, contradicted, decidedAt, pruned, evidence }) {
  return { state, result, contradicted, decidedAt, pruned, evidence }
}

/** JSON has neither bytes nor integers of 64 bits */
function toJson (value) {
  return JSON.stringify(value, (key, value) => {
    if (typeof value === 'bigint') {
      return { $integer: value.toString() }
    }

    return value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value
  })
}

function fromJson (text) {
  return JSON.parse(text, (key, value) => {
    if (value?.$integer != null) {
      return BigInt(value.$integer)
    }

    return value?.$bytes != null ? Uint8Array.from(Buffer.from(value.$bytes, 'base64')) : value
  })
}

// run, not imported
if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const { describe, it } = await import('node:test')
  const { storageTests } = await import('libp2p-voting/consensus/storage-tests')

  storageTests({
    name: 'SqliteStorage',
    create: () => new SqliteStorage(join(mkdtempSync(join(tmpdir(), 'voting-sqlite-')), 'votes.db')),
    reopen: async storage => {
      await storage.close()

      return new SqliteStorage(storage.file)
    },
    teardown: async storage => {
      await storage.close()
      rmSync(dirname(storage.file), { recursive: true })
    },
    describe,
    it
  })
}
