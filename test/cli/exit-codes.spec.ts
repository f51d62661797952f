import { expect } from 'aegir/chai'
import { EXIT, exitCodeOf } from '../../src/cli/exit-codes.ts'
import { ApiProblemError } from '../../src/client/index.ts'
import { NotListedError } from '../../src/network/errors.ts'
import { toProblem } from '../../src/node/api/problems.ts'
import { StorageDamagedError, StorageWriteError, VoteLockDamagedError, VoteLockError } from '../../src/storage/errors.ts'

describe('An exit code', () => {
  for (const [err, code] of [
    [new StorageDamagedError('/store', { kind: 'vote', problem: 'is missing' }), EXIT.damaged],
    [new VoteLockDamagedError('The vote lock is damaged'), EXIT.damaged],
    [new StorageWriteError('The disk is full'), EXIT.notStored]
  ] as const) {
    it(`of a ${err.name} is the same where it happened at a node that was asked`, () => {
      const problem = toProblem(err)

      expect(exitCodeOf(err)).to.equal(code)
      expect(exitCodeOf(new ApiProblemError(problem))).to.equal(code)
      expect(problem.title).to.not.match(/has failed/)
      expect(problem.detail).to.equal(err.message)
    })
  }

  it('of somebody who is not on the list is that of a refusal', () => {
    expect(exitCodeOf(new ApiProblemError(toProblem(new NotListedError('We may not vote'))))).to.equal(EXIT.refused)
  })

  it('of a vote lock that cannot be written says that nothing was voted', () => {
    expect(exitCodeOf(new ApiProblemError(toProblem(new VoteLockError('The disk is full'))))).to.equal(EXIT.notStored)
  })
})
