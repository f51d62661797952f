import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { parsePolicy, policyDigest } from '../../src/consensus/policy/policy.ts'
import { ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { Binary } from '../utils/binary.ts'
import { now } from '../utils/messages.ts'
import { certificateFile, evidenceFile, quorumProposal } from '../utils/quorum.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Ended, StartedNode } from '../utils/binary.ts'

const voters = Array.from({ length: 4 }, () => ethereumSigner(generatePrivateKey()))
const [alice, bob, carol, dave] = voters
const policy = parsePolicy({ name: 'council', voters: voters.map(({ identity }) => identityToAddress(identity)) })
const another = parsePolicy({ ...policy, threshold: 1 })
const digest = bytesToHex(policyDigest(policy))
const cheat = identityToAddress(bob.identity)

describe('certificates and evidence from the command line', function () {
  // the binary is started many times, on machines that are busy
  this.timeout(240_000)

  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  const proposal = quorumProposal(alice, policy, { name: 'Upgrade?', timestamp: now() - 5n, expirationTimestamp: now() + 3600n })
  const id = `${proposal.proposalId}`
  // votes have random ids, so that each of these is made once
  const made = { certificate: certificateFile(alice, policy, proposal, [alice, carol, dave]), evidence: evidenceFile(alice, policy, proposal, bob) }

  async function file (name: string, content: string | Uint8Array): Promise<string> {
    const path = join(folder.path, name)

    await writeFile(path, content)

    return path
  }

  async function policyFile (content = policy): Promise<string> {
    return file(`${content.name}-${content.threshold.replace('/', ' of ')}.json`, JSON.stringify(content))
  }

  async function certificate (): Promise<string> {
    return file('made.cert', await made.certificate)
  }

  async function evidence (): Promise<string> {
    return file('made.evidence', await made.evidence)
  }

  async function started (name: string): Promise<{ node: StartedNode, run (...args: string[]): Promise<Ended>, json (...args: string[]): Promise<any>, dataDir: string[] }> {
    const node = await binary.start(name)
    const dataDir = ['--data-dir', node.dataDirectory]

    return { node, dataDir, run: async (...args) => binary.run(...args, ...dataDir), json: async (...args) => binary.json(...args, ...dataDir) }
  }

  function expectRefused ({ code, stderr, stdout }: Ended, expected: number, reason: RegExp): void {
    expect(stderr).to.match(reason)
    expect(stderr.trim().split('\n')).to.have.length(1)
    expect(stdout).to.equal('')
    expect(code).to.equal(expected)
  }

  it('go from node to node, and are verified by anybody', async () => {
    const first = await started('first')
    const second = await started('second')
    const written = join(folder.path, 'written')

    for (const { run } of [first, second]) {
      expect((await run('scope', 'add', await policyFile())).code).to.equal(0)
    }

    expect((await first.run('import', await evidence())).stdout).to.match(new RegExp(`^Imported the evidence about proposal ${id} in council, whose result here is: voting`))
    expect((await first.run('import', await certificate())).stdout).to.match(new RegExp(`^Imported the certificate about proposal ${id} in council, whose result here is: yes`))
    expect((await first.run('import', await certificate())).stdout).to.match(/^Known already: the certificate/)

    // the certificate, which the node makes anew
    expect(await binary.write(written, 'certificate', 'council', id, ...first.dataDir)).to.include({ code: 0, stderr: '' })
    expect(await first.json('certificate', 'council', id)).to.deep.include({ type: 'certificate', result: 'yes', quorum: 3, policyDigest: digest })
    expect(await second.json('import', written)).to.deep.equal({ kind: 'certificate', scope: 'council', proposalId: proposal.proposalId, isNew: true })
    expect(await second.json('show', 'council', id)).to.include({ result: 'yes' })

    // the evidence
    expect(await first.json('evidence')).to.have.length(1)
    expect((await first.run('evidence', 'council', id)).stdout).to.include(cheat).and.include(`libp2p-voting evidence council ${id} ${cheat}`)
    expect(await binary.write(written, 'evidence', 'council', id, cheat, ...first.dataDir)).to.include({ code: 0, stderr: '' })
    expect(await readFile(written)).to.deep.equal(await readFile(await evidence()))
    expect(await first.json('evidence', 'council', id, cheat)).to.include({ type: 'evidence', voter: cheat.toLowerCase() })
    expect((await second.run('evidence', 'council')).stdout).to.match(/Nobody is known to have voted both yes and no/)
    expect((await second.run('import', written)).code).to.equal(0)
    expect(await second.json('evidence', 'council')).to.have.length(1)

    // by the policy of a scope, whether the node runs or not
    expect((await first.run('verify', written, '--scope', 'council')).code).to.equal(0)
    expectRefused(await first.run('verify', written, '--scope', 'senate'), 3, /senate/)
    await first.node.end('SIGINT')
    expect((await first.run('verify', written, '--scope', 'council')).code).to.equal(0)
    expectRefused(await first.run('verify', written, '--scope', 'senate'), 3, /not in scope "senate"; it is in council/)
  })

  it('are written of a contradicted or late result with a warning, since no file shows that', async () => {
    const { node, run, json } = await started('first')
    const old = quorumProposal(alice, policy, { name: 'Old?', timestamp: now() - 864_000n, expirationTimestamp: now() - 860_000n })

    await run('scope', 'add', await policyFile())
    await run('import', await certificate())
    await run('import', await file('no.cert', await certificateFile(alice, policy, proposal, [bob, carol, dave], false)))
    await run('import', await file('old.cert', await certificateFile(alice, policy, old, [alice, carol, dave])))

    const both = [carol, dave].map(({ identity }) => identityToAddress(identity))
    const written = await binary.write(join(folder.path, 'written'), 'certificate', 'council', id, '--data-dir', node.dataDirectory)

    expect(written.stderr).to.match(new RegExp(`^warning: The result is contradicted, .* Both ways voted (${both[0]}, ${both[1]}|${both[1]}, ${both[0]})\\. Do not act on it before you have talked to them\\. See their votes with: libp2p-voting evidence council ${id}`))
    expect(written.code).to.equal(0)
    const certified = await json('certificate', 'council', id)

    expect(certified).to.include({ contradicted: true, type: 'certificate' })
    expect(certified.doubleVoters).to.have.members(both)

    const late = await run('certificate', 'council', `${old.proposalId}`, '--json')

    expect(late.stderr).to.match(/^warning: The result is late, /)
    expect(JSON.parse(late.stdout)).to.include({ late: true }).and.to.not.have.property('contradicted')
  })

  it('are verified offline, by a policy or its digest', async () => {
    for (const [path, says] of [[await certificate(), /result +yes\nproved by +3 votes of 4 voters/], [await evidence(), new RegExp(`voted both +${cheat}`)]] as const) {
      for (const by of [['--policy', await policyFile()], ['--digest', digest], ['--digest', `0x${digest.toUpperCase()}`]]) {
        const { code, stdout, stderr } = await binary.run('verify', path, ...by)

        expect(stderr).to.equal('')
        expect(stdout).to.match(says).and.match(/The (certificate|evidence) holds\.\n$/)
        expect(code).to.equal(0)
      }

      for (const by of [['--policy', await policyFile(another)], ['--digest', '0'.repeat(64)]]) {
        expectRefused(await binary.run('verify', path, ...by), 1, /proves nothing here: its policy has the digest/)
      }
    }

    expect(await binary.json('verify', await certificate(), '--digest', digest)).to.include({ type: 'certificate', result: 'yes', policyChecked: true })
  })

  it('prove nothing without a policy, which is said with the digest and exit code 3', async () => {
    const { code, stdout } = await binary.run('verify', await certificate())

    expect(code).to.equal(3)
    expect(stdout).to.include(digest).and.match(/agrees with itself, and its policy was not checked/)

    const json = await binary.run('verify', await evidence(), '--json')

    expect(json.code).to.equal(3)
    expect(JSON.parse(json.stdout)).to.include({ type: 'evidence', policyDigest: digest, policyChecked: false })
  })

  it('are refused with the reason where they are bad, and nothing is stored', async () => {
    const { run, json } = await started('node')

    await run('scope', 'add', await policyFile())

    const good = await readFile(await certificate())
    const proof = await readFile(await evidence())
    const bad: Array<[string, string | Uint8Array, RegExp]> = [
      ['empty', '', /empty/],
      ['text', 'yes, it is decided', /neither a certificate nor evidence/],
      ['truncated', good.subarray(0, -10), /certificate is not valid/],
      ['changed', good.map((byte, index) => index === good.byteLength - 20 ? byte ^ 1 : byte), /certificate is not valid/],
      ['extended', Buffer.concat([good, Buffer.from([1])]), /certificate is not valid/],
      ['cut-evidence', proof.subarray(0, 900), /evidence is not valid/],
      ['changed-evidence', proof.map((byte, index) => index === proof.byteLength - 20 ? byte ^ 1 : byte), /evidence is not valid/]
    ]

    for (const [name, content, reason] of bad) {
      const path = await file(name, content)

      expectRefused(await binary.run('verify', path, '--digest', digest), 1, reason)
      expectRefused(await run('import', path), 1, reason)
    }

    const other = quorumProposal(alice, another, { timestamp: now() })

    expectRefused(await run('import', await file('other', await evidenceFile(alice, another, other, bob))), 1, /of another policy of the scope "council"/)
    expect(await json('list', 'council')).to.deep.equal([])
    expect(await json('evidence', 'council')).to.deep.equal([])
  })

  it('say what was wrong with what was asked for', async () => {
    const { run, dataDir } = await started('node')

    await run('scope', 'add', await policyFile())
    await run('import', await evidence())

    expectRefused(await run('certificate', 'council', id), 5, /not decided yet/)
    expectRefused(await run('certificate', 'council', '1'), 3, /no such proposal/)
    expectRefused(await run('certificate', 'senate', '1'), 3, /not in scope "senate"/)
    expectRefused(await run('evidence', 'council', id, identityToAddress(carol.identity)), 5, /no evidence/)
    expectRefused(await run('evidence', 'council', '1'), 3, /no such proposal/)
    expectRefused(await run('import', join(folder.path, 'nowhere')), 2, /there is no such file/)
    expectRefused(await binary.run('verify', await evidence(), '--digest', 'abc'), 2, /--digest must be 64 hex digits, got "abc"/)
    expectRefused(await binary.run('verify', await evidence(), '--digest', digest, '--scope', 'council'), 2, /cannot be used with/)
    expectRefused(await binary.run('verify', await evidence(), '--policy', await file('bad.json', '{"name":"BAD"}')), 2, /name: must be/)

    const shown = await binary.inTerminal('evidence', 'council', id, cheat, ...dataDir)

    expect(shown.code).to.equal(2)
    expect(shown.stdout).to.match(/not for a terminal to show. Write it with: libp2p-voting evidence .* > .*\.evidence\. Or read it with --json/)
  })
})
