import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Gossip {
  announcement?: Announcement
  vote?: Vote
  evidence?: Evidence
}

export namespace Gossip {
  let _codec: Codec<Gossip>

  export const codec = (): Codec<Gossip> => {
    if (_codec == null) {
      _codec = message<Gossip>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.evidence != null) {
          obj.vote = undefined
          obj.announcement = undefined
        }

        if (obj.vote != null) {
          obj.evidence = undefined
          obj.announcement = undefined
        }

        if (obj.announcement != null) {
          obj.evidence = undefined
          obj.vote = undefined
        }

        if (obj.announcement != null) {
          w.uint32(10)
          Announcement.codec().encode(obj.announcement, w)
        }

        if (obj.vote != null) {
          w.uint32(18)
          Vote.codec().encode(obj.vote, w)
        }

        if (obj.evidence != null) {
          w.uint32(26)
          Evidence.codec().encode(obj.evidence, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.announcement = Announcement.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.announcement
              })
              break
            }
            case 2: {
              obj.vote = Vote.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.vote
              })
              break
            }
            case 3: {
              obj.evidence = Evidence.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.evidence
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.evidence != null) {
          delete obj.vote
          delete obj.announcement
        }

        if (obj.vote != null) {
          delete obj.evidence
          delete obj.announcement
        }

        if (obj.announcement != null) {
          delete obj.evidence
          delete obj.vote
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Announcement.codec().stream(reader, reader.uint32(), `${prefix}.announcement`, {
                limits: opts.limits?.announcement
              })

              break
            }
            case 2: {
              yield * Vote.codec().stream(reader, reader.uint32(), `${prefix}.vote`, {
                limits: opts.limits?.vote
              })

              break
            }
            case 3: {
              yield * Evidence.codec().stream(reader, reader.uint32(), `${prefix}.evidence`, {
                limits: opts.limits?.evidence
              })

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

  export interface GossipAnnouncementProposalNameFieldEvent {
    field: '$.announcement.proposal.name'
    value: string
  }

  export interface GossipAnnouncementProposalPayloadFieldEvent {
    field: '$.announcement.proposal.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipAnnouncementProposalProposalIdFieldEvent {
    field: '$.announcement.proposal.proposalId'
    value: number
  }

  export interface GossipAnnouncementProposalProposalOwnerFieldEvent {
    field: '$.announcement.proposal.proposalOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipAnnouncementProposalVotesVoteIdFieldEvent {
    field: '$.announcement.proposal.votes[].voteId'
    value: number
    index: number
  }

  export interface GossipAnnouncementProposalVotesVoteOwnerFieldEvent {
    field: '$.announcement.proposal.votes[].voteOwner'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface GossipAnnouncementProposalVotesProposalIdFieldEvent {
    field: '$.announcement.proposal.votes[].proposalId'
    value: number
    index: number
  }

  export interface GossipAnnouncementProposalVotesTimestampFieldEvent {
    field: '$.announcement.proposal.votes[].timestamp'
    value: bigint
    index: number
  }

  export interface GossipAnnouncementProposalVotesVoteFieldEvent {
    field: '$.announcement.proposal.votes[].vote'
    value: boolean
    index: number
  }

  export interface GossipAnnouncementProposalVotesParentHashFieldEvent {
    field: '$.announcement.proposal.votes[].parentHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface GossipAnnouncementProposalVotesReceivedHashFieldEvent {
    field: '$.announcement.proposal.votes[].receivedHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface GossipAnnouncementProposalVotesVoteHashFieldEvent {
    field: '$.announcement.proposal.votes[].voteHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface GossipAnnouncementProposalVotesSignatureFieldEvent {
    field: '$.announcement.proposal.votes[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface GossipAnnouncementProposalExpectedVotersCountFieldEvent {
    field: '$.announcement.proposal.expectedVotersCount'
    value: number
  }

  export interface GossipAnnouncementProposalRoundFieldEvent {
    field: '$.announcement.proposal.round'
    value: number
  }

  export interface GossipAnnouncementProposalTimestampFieldEvent {
    field: '$.announcement.proposal.timestamp'
    value: bigint
  }

  export interface GossipAnnouncementProposalExpirationTimestampFieldEvent {
    field: '$.announcement.proposal.expirationTimestamp'
    value: bigint
  }

  export interface GossipAnnouncementProposalLivenessCriteriaYesFieldEvent {
    field: '$.announcement.proposal.livenessCriteriaYes'
    value: boolean
  }

  export interface GossipAnnouncementSignatureFieldEvent {
    field: '$.announcement.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipVoteVoteIdFieldEvent {
    field: '$.vote.voteId'
    value: number
  }

  export interface GossipVoteVoteOwnerFieldEvent {
    field: '$.vote.voteOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipVoteProposalIdFieldEvent {
    field: '$.vote.proposalId'
    value: number
  }

  export interface GossipVoteTimestampFieldEvent {
    field: '$.vote.timestamp'
    value: bigint
  }

  export interface GossipVoteVoteFieldEvent {
    field: '$.vote.vote'
    value: boolean
  }

  export interface GossipVoteParentHashFieldEvent {
    field: '$.vote.parentHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipVoteReceivedHashFieldEvent {
    field: '$.vote.receivedHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipVoteVoteHashFieldEvent {
    field: '$.vote.voteHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipVoteSignatureFieldEvent {
    field: '$.vote.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceFirstVoteIdFieldEvent {
    field: '$.evidence.first.voteId'
    value: number
  }

  export interface GossipEvidenceFirstVoteOwnerFieldEvent {
    field: '$.evidence.first.voteOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceFirstProposalIdFieldEvent {
    field: '$.evidence.first.proposalId'
    value: number
  }

  export interface GossipEvidenceFirstTimestampFieldEvent {
    field: '$.evidence.first.timestamp'
    value: bigint
  }

  export interface GossipEvidenceFirstVoteFieldEvent {
    field: '$.evidence.first.vote'
    value: boolean
  }

  export interface GossipEvidenceFirstParentHashFieldEvent {
    field: '$.evidence.first.parentHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceFirstReceivedHashFieldEvent {
    field: '$.evidence.first.receivedHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceFirstVoteHashFieldEvent {
    field: '$.evidence.first.voteHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceFirstSignatureFieldEvent {
    field: '$.evidence.first.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceSecondVoteIdFieldEvent {
    field: '$.evidence.second.voteId'
    value: number
  }

  export interface GossipEvidenceSecondVoteOwnerFieldEvent {
    field: '$.evidence.second.voteOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceSecondProposalIdFieldEvent {
    field: '$.evidence.second.proposalId'
    value: number
  }

  export interface GossipEvidenceSecondTimestampFieldEvent {
    field: '$.evidence.second.timestamp'
    value: bigint
  }

  export interface GossipEvidenceSecondVoteFieldEvent {
    field: '$.evidence.second.vote'
    value: boolean
  }

  export interface GossipEvidenceSecondParentHashFieldEvent {
    field: '$.evidence.second.parentHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceSecondReceivedHashFieldEvent {
    field: '$.evidence.second.receivedHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceSecondVoteHashFieldEvent {
    field: '$.evidence.second.voteHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface GossipEvidenceSecondSignatureFieldEvent {
    field: '$.evidence.second.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Gossip>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Gossip.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Gossip>): Gossip {
    return decodeMessage(buf, Gossip.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Gossip>): Generator<GossipAnnouncementProposalNameFieldEvent | GossipAnnouncementProposalPayloadFieldEvent | GossipAnnouncementProposalProposalIdFieldEvent | GossipAnnouncementProposalProposalOwnerFieldEvent | GossipAnnouncementProposalVotesVoteIdFieldEvent | GossipAnnouncementProposalVotesVoteOwnerFieldEvent | GossipAnnouncementProposalVotesProposalIdFieldEvent | GossipAnnouncementProposalVotesTimestampFieldEvent | GossipAnnouncementProposalVotesVoteFieldEvent | GossipAnnouncementProposalVotesParentHashFieldEvent | GossipAnnouncementProposalVotesReceivedHashFieldEvent | GossipAnnouncementProposalVotesVoteHashFieldEvent | GossipAnnouncementProposalVotesSignatureFieldEvent | GossipAnnouncementProposalExpectedVotersCountFieldEvent | GossipAnnouncementProposalRoundFieldEvent | GossipAnnouncementProposalTimestampFieldEvent | GossipAnnouncementProposalExpirationTimestampFieldEvent | GossipAnnouncementProposalLivenessCriteriaYesFieldEvent | GossipAnnouncementSignatureFieldEvent | GossipVoteVoteIdFieldEvent | GossipVoteVoteOwnerFieldEvent | GossipVoteProposalIdFieldEvent | GossipVoteTimestampFieldEvent | GossipVoteVoteFieldEvent | GossipVoteParentHashFieldEvent | GossipVoteReceivedHashFieldEvent | GossipVoteVoteHashFieldEvent | GossipVoteSignatureFieldEvent | GossipEvidenceFirstVoteIdFieldEvent | GossipEvidenceFirstVoteOwnerFieldEvent | GossipEvidenceFirstProposalIdFieldEvent | GossipEvidenceFirstTimestampFieldEvent | GossipEvidenceFirstVoteFieldEvent | GossipEvidenceFirstParentHashFieldEvent | GossipEvidenceFirstReceivedHashFieldEvent | GossipEvidenceFirstVoteHashFieldEvent | GossipEvidenceFirstSignatureFieldEvent | GossipEvidenceSecondVoteIdFieldEvent | GossipEvidenceSecondVoteOwnerFieldEvent | GossipEvidenceSecondProposalIdFieldEvent | GossipEvidenceSecondTimestampFieldEvent | GossipEvidenceSecondVoteFieldEvent | GossipEvidenceSecondParentHashFieldEvent | GossipEvidenceSecondReceivedHashFieldEvent | GossipEvidenceSecondVoteHashFieldEvent | GossipEvidenceSecondSignatureFieldEvent> {
    return streamMessage(buf, Gossip.codec(), opts)
  }
}

export interface Announcement {
  proposal?: Proposal
  signature: Uint8Array<ArrayBuffer>
}

export namespace Announcement {
  let _codec: Codec<Announcement>

  export const codec = (): Codec<Announcement> => {
    if (_codec == null) {
      _codec = message<Announcement>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.proposal != null) {
          w.uint32(10)
          Proposal.codec().encode(obj.proposal, w)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.proposal = Proposal.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.proposal
              })
              break
            }
            case 2: {
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
            case 1: {
              yield * Proposal.codec().stream(reader, reader.uint32(), `${prefix}.proposal`, {
                limits: opts.limits?.proposal
              })

              break
            }
            case 2: {
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

  export interface AnnouncementProposalNameFieldEvent {
    field: '$.proposal.name'
    value: string
  }

  export interface AnnouncementProposalPayloadFieldEvent {
    field: '$.proposal.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AnnouncementProposalProposalIdFieldEvent {
    field: '$.proposal.proposalId'
    value: number
  }

  export interface AnnouncementProposalProposalOwnerFieldEvent {
    field: '$.proposal.proposalOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface AnnouncementProposalVotesVoteIdFieldEvent {
    field: '$.proposal.votes[].voteId'
    value: number
    index: number
  }

  export interface AnnouncementProposalVotesVoteOwnerFieldEvent {
    field: '$.proposal.votes[].voteOwner'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface AnnouncementProposalVotesProposalIdFieldEvent {
    field: '$.proposal.votes[].proposalId'
    value: number
    index: number
  }

  export interface AnnouncementProposalVotesTimestampFieldEvent {
    field: '$.proposal.votes[].timestamp'
    value: bigint
    index: number
  }

  export interface AnnouncementProposalVotesVoteFieldEvent {
    field: '$.proposal.votes[].vote'
    value: boolean
    index: number
  }

  export interface AnnouncementProposalVotesParentHashFieldEvent {
    field: '$.proposal.votes[].parentHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface AnnouncementProposalVotesReceivedHashFieldEvent {
    field: '$.proposal.votes[].receivedHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface AnnouncementProposalVotesVoteHashFieldEvent {
    field: '$.proposal.votes[].voteHash'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface AnnouncementProposalVotesSignatureFieldEvent {
    field: '$.proposal.votes[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface AnnouncementProposalExpectedVotersCountFieldEvent {
    field: '$.proposal.expectedVotersCount'
    value: number
  }

  export interface AnnouncementProposalRoundFieldEvent {
    field: '$.proposal.round'
    value: number
  }

  export interface AnnouncementProposalTimestampFieldEvent {
    field: '$.proposal.timestamp'
    value: bigint
  }

  export interface AnnouncementProposalExpirationTimestampFieldEvent {
    field: '$.proposal.expirationTimestamp'
    value: bigint
  }

  export interface AnnouncementProposalLivenessCriteriaYesFieldEvent {
    field: '$.proposal.livenessCriteriaYes'
    value: boolean
  }

  export interface AnnouncementSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Announcement>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Announcement.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Announcement>): Announcement {
    return decodeMessage(buf, Announcement.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Announcement>): Generator<AnnouncementProposalNameFieldEvent | AnnouncementProposalPayloadFieldEvent | AnnouncementProposalProposalIdFieldEvent | AnnouncementProposalProposalOwnerFieldEvent | AnnouncementProposalVotesVoteIdFieldEvent | AnnouncementProposalVotesVoteOwnerFieldEvent | AnnouncementProposalVotesProposalIdFieldEvent | AnnouncementProposalVotesTimestampFieldEvent | AnnouncementProposalVotesVoteFieldEvent | AnnouncementProposalVotesParentHashFieldEvent | AnnouncementProposalVotesReceivedHashFieldEvent | AnnouncementProposalVotesVoteHashFieldEvent | AnnouncementProposalVotesSignatureFieldEvent | AnnouncementProposalExpectedVotersCountFieldEvent | AnnouncementProposalRoundFieldEvent | AnnouncementProposalTimestampFieldEvent | AnnouncementProposalExpirationTimestampFieldEvent | AnnouncementProposalLivenessCriteriaYesFieldEvent | AnnouncementSignatureFieldEvent> {
    return streamMessage(buf, Announcement.codec(), opts)
  }
}

export interface Evidence {
  first?: Vote
  second?: Vote
}

export namespace Evidence {
  let _codec: Codec<Evidence>

  export const codec = (): Codec<Evidence> => {
    if (_codec == null) {
      _codec = message<Evidence>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.first != null) {
          w.uint32(10)
          Vote.codec().encode(obj.first, w)
        }

        if (obj.second != null) {
          w.uint32(18)
          Vote.codec().encode(obj.second, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.first = Vote.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.first
              })
              break
            }
            case 2: {
              obj.second = Vote.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.second
              })
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
            case 1: {
              yield * Vote.codec().stream(reader, reader.uint32(), `${prefix}.first`, {
                limits: opts.limits?.first
              })

              break
            }
            case 2: {
              yield * Vote.codec().stream(reader, reader.uint32(), `${prefix}.second`, {
                limits: opts.limits?.second
              })

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

  export interface EvidenceFirstVoteIdFieldEvent {
    field: '$.first.voteId'
    value: number
  }

  export interface EvidenceFirstVoteOwnerFieldEvent {
    field: '$.first.voteOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceFirstProposalIdFieldEvent {
    field: '$.first.proposalId'
    value: number
  }

  export interface EvidenceFirstTimestampFieldEvent {
    field: '$.first.timestamp'
    value: bigint
  }

  export interface EvidenceFirstVoteFieldEvent {
    field: '$.first.vote'
    value: boolean
  }

  export interface EvidenceFirstParentHashFieldEvent {
    field: '$.first.parentHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceFirstReceivedHashFieldEvent {
    field: '$.first.receivedHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceFirstVoteHashFieldEvent {
    field: '$.first.voteHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceFirstSignatureFieldEvent {
    field: '$.first.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceSecondVoteIdFieldEvent {
    field: '$.second.voteId'
    value: number
  }

  export interface EvidenceSecondVoteOwnerFieldEvent {
    field: '$.second.voteOwner'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceSecondProposalIdFieldEvent {
    field: '$.second.proposalId'
    value: number
  }

  export interface EvidenceSecondTimestampFieldEvent {
    field: '$.second.timestamp'
    value: bigint
  }

  export interface EvidenceSecondVoteFieldEvent {
    field: '$.second.vote'
    value: boolean
  }

  export interface EvidenceSecondParentHashFieldEvent {
    field: '$.second.parentHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceSecondReceivedHashFieldEvent {
    field: '$.second.receivedHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceSecondVoteHashFieldEvent {
    field: '$.second.voteHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceSecondSignatureFieldEvent {
    field: '$.second.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Evidence>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Evidence.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Evidence>): Evidence {
    return decodeMessage(buf, Evidence.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Evidence>): Generator<EvidenceFirstVoteIdFieldEvent | EvidenceFirstVoteOwnerFieldEvent | EvidenceFirstProposalIdFieldEvent | EvidenceFirstTimestampFieldEvent | EvidenceFirstVoteFieldEvent | EvidenceFirstParentHashFieldEvent | EvidenceFirstReceivedHashFieldEvent | EvidenceFirstVoteHashFieldEvent | EvidenceFirstSignatureFieldEvent | EvidenceSecondVoteIdFieldEvent | EvidenceSecondVoteOwnerFieldEvent | EvidenceSecondProposalIdFieldEvent | EvidenceSecondTimestampFieldEvent | EvidenceSecondVoteFieldEvent | EvidenceSecondParentHashFieldEvent | EvidenceSecondReceivedHashFieldEvent | EvidenceSecondVoteHashFieldEvent | EvidenceSecondSignatureFieldEvent> {
    return streamMessage(buf, Evidence.codec(), opts)
  }
}

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
