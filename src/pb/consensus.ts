import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Proposal {
  name: string
  payload: Uint8Array<ArrayBuffer>
  proposalId: number
  proposalOwner: Uint8Array<ArrayBuffer>
  votes: Vote[]
  expectedVotersCount: number
  round: number
  timestamp: bigint
  expirationTimestamp: bigint
  livenessCriteriaYes: boolean
}

export namespace Proposal {
  let _codec: Codec<Proposal>

  export const codec = (): Codec<Proposal> => {
    if (_codec == null) {
      _codec = message<Proposal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(82)
          w.string(obj.name)
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(90)
          w.bytes(obj.payload)
        }

        if ((obj.proposalId != null && obj.proposalId !== 0)) {
          w.uint32(96)
          w.uint32(obj.proposalId)
        }

        if ((obj.proposalOwner != null && obj.proposalOwner.byteLength > 0)) {
          w.uint32(106)
          w.bytes(obj.proposalOwner)
        }

        if (obj.votes != null && obj.votes.length > 0) {
          for (const value of obj.votes) {
            w.uint32(114)
            Vote.codec().encode(value, w)
          }
        }

        if ((obj.expectedVotersCount != null && obj.expectedVotersCount !== 0)) {
          w.uint32(120)
          w.uint32(obj.expectedVotersCount)
        }

        if ((obj.round != null && obj.round !== 0)) {
          w.uint32(128)
          w.uint32(obj.round)
        }

        if ((obj.timestamp != null && obj.timestamp !== 0n)) {
          w.uint32(136)
          w.uint64(obj.timestamp)
        }

        if ((obj.expirationTimestamp != null && obj.expirationTimestamp !== 0n)) {
          w.uint32(144)
          w.uint64(obj.expirationTimestamp)
        }

        if ((obj.livenessCriteriaYes != null && obj.livenessCriteriaYes !== false)) {
          w.uint32(152)
          w.bool(obj.livenessCriteriaYes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          payload: uint8ArrayAlloc(0),
          proposalId: 0,
          proposalOwner: uint8ArrayAlloc(0),
          votes: [],
          expectedVotersCount: 0,
          round: 0,
          timestamp: 0n,
          expirationTimestamp: 0n,
          livenessCriteriaYes: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 10: {
              obj.name = reader.string()
              break
            }
            case 11: {
              obj.payload = reader.bytes()
              break
            }
            case 12: {
              obj.proposalId = reader.uint32()
              break
            }
            case 13: {
              obj.proposalOwner = reader.bytes()
              break
            }
            case 14: {
              if (opts.limits?.votes != null && obj.votes.length === opts.limits.votes) {
                throw new MaxLengthError('Decode error - repeated field "votes" had too many elements')
              }

              obj.votes.push(Vote.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.votes$
              }))
              break
            }
            case 15: {
              obj.expectedVotersCount = reader.uint32()
              break
            }
            case 16: {
              obj.round = reader.uint32()
              break
            }
            case 17: {
              obj.timestamp = reader.uint64()
              break
            }
            case 18: {
              obj.expirationTimestamp = reader.uint64()
              break
            }
            case 19: {
              obj.livenessCriteriaYes = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          votes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 10: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.payload`,
                value: reader.bytes()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.proposalId`,
                value: reader.uint32()
              }
              break
            }
            case 13: {
              yield {
                field: `${prefix}.proposalOwner`,
                value: reader.bytes()
              }
              break
            }
            case 14: {
              if (opts.limits?.votes != null && obj.votes === opts.limits.votes) {
                throw new MaxLengthError('Streaming decode error - repeated field "votes" had too many elements')
              }

              for (const evt of Vote.codec().stream(reader, reader.uint32(), `${prefix}.votes[]`, {
                limits: opts.limits?.votes$
              })) {
                yield {
                  ...evt,
                  index: obj.votes
                }
              }

              obj.votes++

              break
            }
            case 15: {
              yield {
                field: `${prefix}.expectedVotersCount`,
                value: reader.uint32()
              }
              break
            }
            case 16: {
              yield {
                field: `${prefix}.round`,
                value: reader.uint32()
              }
              break
            }
            case 17: {
              yield {
                field: `${prefix}.timestamp`,
                value: reader.uint64()
              }
              break
            }
            case 18: {
              yield {
                field: `${prefix}.expirationTimestamp`,
                value: reader.uint64()
              }
              break
            }
            case 19: {
              yield {
                field: `${prefix}.livenessCriteriaYes`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ProposalNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface ProposalPayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposalProposalIdFieldEvent {
    field: '$.proposalId'
    value: number
  }

  export interface ProposalProposalOwnerFieldEvent {
    field: '$.proposalOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposalVotesVoteIdFieldEvent {
    field: '$.votes[].voteId'
    value: number
    index: number
  }

  export interface ProposalVotesVoteOwnerFieldEvent {
    field: '$.votes[].voteOwner'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ProposalVotesProposalIdFieldEvent {
    field: '$.votes[].proposalId'
    value: number
    index: number
  }

  export interface ProposalVotesTimestampFieldEvent {
    field: '$.votes[].timestamp'
    value: bigint
    index: number
  }

  export interface ProposalVotesVoteFieldEvent {
    field: '$.votes[].vote'
    value: boolean
    index: number
  }

  export interface ProposalVotesParentHashFieldEvent {
    field: '$.votes[].parentHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ProposalVotesReceivedHashFieldEvent {
    field: '$.votes[].receivedHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ProposalVotesVoteHashFieldEvent {
    field: '$.votes[].voteHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ProposalVotesSignatureFieldEvent {
    field: '$.votes[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ProposalExpectedVotersCountFieldEvent {
    field: '$.expectedVotersCount'
    value: number
  }

  export interface ProposalRoundFieldEvent {
    field: '$.round'
    value: number
  }

  export interface ProposalTimestampFieldEvent {
    field: '$.timestamp'
    value: bigint
  }

  export interface ProposalExpirationTimestampFieldEvent {
    field: '$.expirationTimestamp'
    value: bigint
  }

  export interface ProposalLivenessCriteriaYesFieldEvent {
    field: '$.livenessCriteriaYes'
    value: boolean
  }

  export function encode (obj: Partial<Proposal>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Proposal.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proposal>): Proposal {
    return decodeMessage(buf, Proposal.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Proposal>): Generator<ProposalNameFieldEvent | ProposalPayloadFieldEvent | ProposalProposalIdFieldEvent | ProposalProposalOwnerFieldEvent | ProposalVotesVoteIdFieldEvent | ProposalVotesVoteOwnerFieldEvent | ProposalVotesProposalIdFieldEvent | ProposalVotesTimestampFieldEvent | ProposalVotesVoteFieldEvent | ProposalVotesParentHashFieldEvent | ProposalVotesReceivedHashFieldEvent | ProposalVotesVoteHashFieldEvent | ProposalVotesSignatureFieldEvent | ProposalExpectedVotersCountFieldEvent | ProposalRoundFieldEvent | ProposalTimestampFieldEvent | ProposalExpirationTimestampFieldEvent | ProposalLivenessCriteriaYesFieldEvent> {
    return streamMessage(buf, Proposal.codec(), opts)
  }
}

export interface Vote {
  voteId: number
  voteOwner: Uint8Array<ArrayBuffer>
  proposalId: number
  timestamp: bigint
  vote: boolean
  parentHash: Uint8Array<ArrayBuffer>
  receivedHash: Uint8Array<ArrayBuffer>
  voteHash: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
}

export namespace Vote {
  let _codec: Codec<Vote>

  export const codec = (): Codec<Vote> => {
    if (_codec == null) {
      _codec = message<Vote>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.voteId != null && obj.voteId !== 0)) {
          w.uint32(160)
          w.uint32(obj.voteId)
        }

        if ((obj.voteOwner != null && obj.voteOwner.byteLength > 0)) {
          w.uint32(170)
          w.bytes(obj.voteOwner)
        }

        if ((obj.proposalId != null && obj.proposalId !== 0)) {
          w.uint32(176)
          w.uint32(obj.proposalId)
        }

        if ((obj.timestamp != null && obj.timestamp !== 0n)) {
          w.uint32(184)
          w.uint64(obj.timestamp)
        }

        if ((obj.vote != null && obj.vote !== false)) {
          w.uint32(192)
          w.bool(obj.vote)
        }

        if ((obj.parentHash != null && obj.parentHash.byteLength > 0)) {
          w.uint32(202)
          w.bytes(obj.parentHash)
        }

        if ((obj.receivedHash != null && obj.receivedHash.byteLength > 0)) {
          w.uint32(210)
          w.bytes(obj.receivedHash)
        }

        if ((obj.voteHash != null && obj.voteHash.byteLength > 0)) {
          w.uint32(218)
          w.bytes(obj.voteHash)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(226)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          voteId: 0,
          voteOwner: uint8ArrayAlloc(0),
          proposalId: 0,
          timestamp: 0n,
          vote: false,
          parentHash: uint8ArrayAlloc(0),
          receivedHash: uint8ArrayAlloc(0),
          voteHash: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 20: {
              obj.voteId = reader.uint32()
              break
            }
            case 21: {
              obj.voteOwner = reader.bytes()
              break
            }
            case 22: {
              obj.proposalId = reader.uint32()
              break
            }
            case 23: {
              obj.timestamp = reader.uint64()
              break
            }
            case 24: {
              obj.vote = reader.bool()
              break
            }
            case 25: {
              obj.parentHash = reader.bytes()
              break
            }
            case 26: {
              obj.receivedHash = reader.bytes()
              break
            }
            case 27: {
              obj.voteHash = reader.bytes()
              break
            }
            case 28: {
              obj.signature = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 20: {
              yield {
                field: `${prefix}.voteId`,
                value: reader.uint32()
              }
              break
            }
            case 21: {
              yield {
                field: `${prefix}.voteOwner`,
                value: reader.bytes()
              }
              break
            }
            case 22: {
              yield {
                field: `${prefix}.proposalId`,
                value: reader.uint32()
              }
              break
            }
            case 23: {
              yield {
                field: `${prefix}.timestamp`,
                value: reader.uint64()
              }
              break
            }
            case 24: {
              yield {
                field: `${prefix}.vote`,
                value: reader.bool()
              }
              break
            }
            case 25: {
              yield {
                field: `${prefix}.parentHash`,
                value: reader.bytes()
              }
              break
            }
            case 26: {
              yield {
                field: `${prefix}.receivedHash`,
                value: reader.bytes()
              }
              break
            }
            case 27: {
              yield {
                field: `${prefix}.voteHash`,
                value: reader.bytes()
              }
              break
            }
            case 28: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface VoteVoteIdFieldEvent {
    field: '$.voteId'
    value: number
  }

  export interface VoteVoteOwnerFieldEvent {
    field: '$.voteOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface VoteProposalIdFieldEvent {
    field: '$.proposalId'
    value: number
  }

  export interface VoteTimestampFieldEvent {
    field: '$.timestamp'
    value: bigint
  }

  export interface VoteVoteFieldEvent {
    field: '$.vote'
    value: boolean
  }

  export interface VoteParentHashFieldEvent {
    field: '$.parentHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface VoteReceivedHashFieldEvent {
    field: '$.receivedHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface VoteVoteHashFieldEvent {
    field: '$.voteHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface VoteSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Vote>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Vote.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Vote>): Vote {
    return decodeMessage(buf, Vote.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Vote>): Generator<VoteVoteIdFieldEvent | VoteVoteOwnerFieldEvent | VoteProposalIdFieldEvent | VoteTimestampFieldEvent | VoteVoteFieldEvent | VoteParentHashFieldEvent | VoteReceivedHashFieldEvent | VoteVoteHashFieldEvent | VoteSignatureFieldEvent> {
    return streamMessage(buf, Vote.codec(), opts)
  }
}
