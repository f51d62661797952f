import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface SchemaRecord {
  version: number
}

export namespace SchemaRecord {
  let _codec: Codec<SchemaRecord>

  export const codec = (): Codec<SchemaRecord> => {
    if (_codec == null) {
      _codec = message<SchemaRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
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
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
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

  export interface SchemaRecordVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export function encode (obj: Partial<SchemaRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SchemaRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SchemaRecord>): SchemaRecord {
    return decodeMessage(buf, SchemaRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SchemaRecord>): Generator<SchemaRecordVersionFieldEvent> {
    return streamMessage(buf, SchemaRecord.codec(), opts)
  }
}

export enum StoredState {
  ACTIVE = 'ACTIVE',
  YES = 'YES',
  NO = 'NO',
  FAILED = 'FAILED',
  CONFLICT = 'CONFLICT'
}

enum __StoredStateValues {
  ACTIVE = 0,
  YES = 1,
  NO = 2,
  FAILED = 3,
  CONFLICT = 4
}

export namespace StoredState {
  export const codec = (): Codec<StoredState> => {
    return enumeration<StoredState>(__StoredStateValues)
  }
}

export interface ConfigRecord {
  consensusThreshold: number
  consensusTimeout: number
  maxRounds: number
  useGossipsubRounds: boolean
  livenessCriteria: boolean
  decisionRule: string
  policyDigest?: Uint8Array<ArrayBuffer>
  exactThreshold?: string
}

export namespace ConfigRecord {
  let _codec: Codec<ConfigRecord>

  export const codec = (): Codec<ConfigRecord> => {
    if (_codec == null) {
      _codec = message<ConfigRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.consensusThreshold != null && obj.consensusThreshold !== 0)) {
          w.uint32(9)
          w.double(obj.consensusThreshold)
        }

        if ((obj.consensusTimeout != null && obj.consensusTimeout !== 0)) {
          w.uint32(17)
          w.double(obj.consensusTimeout)
        }

        if ((obj.maxRounds != null && obj.maxRounds !== 0)) {
          w.uint32(24)
          w.uint32(obj.maxRounds)
        }

        if ((obj.useGossipsubRounds != null && obj.useGossipsubRounds !== false)) {
          w.uint32(32)
          w.bool(obj.useGossipsubRounds)
        }

        if ((obj.livenessCriteria != null && obj.livenessCriteria !== false)) {
          w.uint32(40)
          w.bool(obj.livenessCriteria)
        }

        if ((obj.decisionRule != null && obj.decisionRule !== '')) {
          w.uint32(50)
          w.string(obj.decisionRule)
        }

        if (obj.policyDigest != null) {
          w.uint32(58)
          w.bytes(obj.policyDigest)
        }

        if (obj.exactThreshold != null) {
          w.uint32(66)
          w.string(obj.exactThreshold)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          consensusThreshold: 0,
          consensusTimeout: 0,
          maxRounds: 0,
          useGossipsubRounds: false,
          livenessCriteria: false,
          decisionRule: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.consensusThreshold = reader.double()
              break
            }
            case 2: {
              obj.consensusTimeout = reader.double()
              break
            }
            case 3: {
              obj.maxRounds = reader.uint32()
              break
            }
            case 4: {
              obj.useGossipsubRounds = reader.bool()
              break
            }
            case 5: {
              obj.livenessCriteria = reader.bool()
              break
            }
            case 6: {
              obj.decisionRule = reader.string()
              break
            }
            case 7: {
              obj.policyDigest = reader.bytes()
              break
            }
            case 8: {
              obj.exactThreshold = reader.string()
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
              yield {
                field: `${prefix}.consensusThreshold`,
                value: reader.double()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.consensusTimeout`,
                value: reader.double()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.maxRounds`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.useGossipsubRounds`,
                value: reader.bool()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.livenessCriteria`,
                value: reader.bool()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.decisionRule`,
                value: reader.string()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.policyDigest`,
                value: reader.bytes()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.exactThreshold`,
                value: reader.string()
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

  export interface ConfigRecordConsensusThresholdFieldEvent {
    field: '$.consensusThreshold'
    value: number
  }

  export interface ConfigRecordConsensusTimeoutFieldEvent {
    field: '$.consensusTimeout'
    value: number
  }

  export interface ConfigRecordMaxRoundsFieldEvent {
    field: '$.maxRounds'
    value: number
  }

  export interface ConfigRecordUseGossipsubRoundsFieldEvent {
    field: '$.useGossipsubRounds'
    value: boolean
  }

  export interface ConfigRecordLivenessCriteriaFieldEvent {
    field: '$.livenessCriteria'
    value: boolean
  }

  export interface ConfigRecordDecisionRuleFieldEvent {
    field: '$.decisionRule'
    value: string
  }

  export interface ConfigRecordPolicyDigestFieldEvent {
    field: '$.policyDigest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ConfigRecordExactThresholdFieldEvent {
    field: '$.exactThreshold'
    value: string
  }

  export function encode (obj: Partial<ConfigRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ConfigRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ConfigRecord>): ConfigRecord {
    return decodeMessage(buf, ConfigRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ConfigRecord>): Generator<ConfigRecordConsensusThresholdFieldEvent | ConfigRecordConsensusTimeoutFieldEvent | ConfigRecordMaxRoundsFieldEvent | ConfigRecordUseGossipsubRoundsFieldEvent | ConfigRecordLivenessCriteriaFieldEvent | ConfigRecordDecisionRuleFieldEvent | ConfigRecordPolicyDigestFieldEvent | ConfigRecordExactThresholdFieldEvent> {
    return streamMessage(buf, ConfigRecord.codec(), opts)
  }
}

export interface ProposalRecord {
  proposal: Uint8Array<ArrayBuffer>
  config?: ConfigRecord
  createdAt: bigint
  sequence: bigint
  voteCount: number
  signature?: Uint8Array<ArrayBuffer>
}

export namespace ProposalRecord {
  let _codec: Codec<ProposalRecord>

  export const codec = (): Codec<ProposalRecord> => {
    if (_codec == null) {
      _codec = message<ProposalRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.proposal != null && obj.proposal.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.proposal)
        }

        if (obj.config != null) {
          w.uint32(18)
          ConfigRecord.codec().encode(obj.config, w)
        }

        if ((obj.createdAt != null && obj.createdAt !== 0n)) {
          w.uint32(24)
          w.uint64(obj.createdAt)
        }

        if ((obj.sequence != null && obj.sequence !== 0n)) {
          w.uint32(32)
          w.uint64(obj.sequence)
        }

        if ((obj.voteCount != null && obj.voteCount !== 0)) {
          w.uint32(40)
          w.uint32(obj.voteCount)
        }

        if (obj.signature != null) {
          w.uint32(50)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          proposal: uint8ArrayAlloc(0),
          createdAt: 0n,
          sequence: 0n,
          voteCount: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.proposal = reader.bytes()
              break
            }
            case 2: {
              obj.config = ConfigRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.config
              })
              break
            }
            case 3: {
              obj.createdAt = reader.uint64()
              break
            }
            case 4: {
              obj.sequence = reader.uint64()
              break
            }
            case 5: {
              obj.voteCount = reader.uint32()
              break
            }
            case 6: {
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
              yield {
                field: `${prefix}.proposal`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield * ConfigRecord.codec().stream(reader, reader.uint32(), `${prefix}.config`, {
                limits: opts.limits?.config
              })

              break
            }
            case 3: {
              yield {
                field: `${prefix}.createdAt`,
                value: reader.uint64()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.sequence`,
                value: reader.uint64()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.voteCount`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
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

  export interface ProposalRecordProposalFieldEvent {
    field: '$.proposal'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposalRecordConfigConsensusThresholdFieldEvent {
    field: '$.config.consensusThreshold'
    value: number
  }

  export interface ProposalRecordConfigConsensusTimeoutFieldEvent {
    field: '$.config.consensusTimeout'
    value: number
  }

  export interface ProposalRecordConfigMaxRoundsFieldEvent {
    field: '$.config.maxRounds'
    value: number
  }

  export interface ProposalRecordConfigUseGossipsubRoundsFieldEvent {
    field: '$.config.useGossipsubRounds'
    value: boolean
  }

  export interface ProposalRecordConfigLivenessCriteriaFieldEvent {
    field: '$.config.livenessCriteria'
    value: boolean
  }

  export interface ProposalRecordConfigDecisionRuleFieldEvent {
    field: '$.config.decisionRule'
    value: string
  }

  export interface ProposalRecordConfigPolicyDigestFieldEvent {
    field: '$.config.policyDigest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ProposalRecordConfigExactThresholdFieldEvent {
    field: '$.config.exactThreshold'
    value: string
  }

  export interface ProposalRecordCreatedAtFieldEvent {
    field: '$.createdAt'
    value: bigint
  }

  export interface ProposalRecordSequenceFieldEvent {
    field: '$.sequence'
    value: bigint
  }

  export interface ProposalRecordVoteCountFieldEvent {
    field: '$.voteCount'
    value: number
  }

  export interface ProposalRecordSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<ProposalRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ProposalRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposalRecord>): ProposalRecord {
    return decodeMessage(buf, ProposalRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ProposalRecord>): Generator<ProposalRecordProposalFieldEvent | ProposalRecordConfigConsensusThresholdFieldEvent | ProposalRecordConfigConsensusTimeoutFieldEvent | ProposalRecordConfigMaxRoundsFieldEvent | ProposalRecordConfigUseGossipsubRoundsFieldEvent | ProposalRecordConfigLivenessCriteriaFieldEvent | ProposalRecordConfigDecisionRuleFieldEvent | ProposalRecordConfigPolicyDigestFieldEvent | ProposalRecordConfigExactThresholdFieldEvent | ProposalRecordCreatedAtFieldEvent | ProposalRecordSequenceFieldEvent | ProposalRecordVoteCountFieldEvent | ProposalRecordSignatureFieldEvent> {
    return streamMessage(buf, ProposalRecord.codec(), opts)
  }
}

export interface EvidenceRecord {
  first: Uint8Array<ArrayBuffer>
  second: Uint8Array<ArrayBuffer>
}

export namespace EvidenceRecord {
  let _codec: Codec<EvidenceRecord>

  export const codec = (): Codec<EvidenceRecord> => {
    if (_codec == null) {
      _codec = message<EvidenceRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.first != null && obj.first.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.first)
        }

        if ((obj.second != null && obj.second.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.second)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          first: uint8ArrayAlloc(0),
          second: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.first = reader.bytes()
              break
            }
            case 2: {
              obj.second = reader.bytes()
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
              yield {
                field: `${prefix}.first`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.second`,
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

  export interface EvidenceRecordFirstFieldEvent {
    field: '$.first'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceRecordSecondFieldEvent {
    field: '$.second'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<EvidenceRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, EvidenceRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EvidenceRecord>): EvidenceRecord {
    return decodeMessage(buf, EvidenceRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EvidenceRecord>): Generator<EvidenceRecordFirstFieldEvent | EvidenceRecordSecondFieldEvent> {
    return streamMessage(buf, EvidenceRecord.codec(), opts)
  }
}

export interface OutcomeRecord {
  state: StoredState
  yes: number
  no: number
  voteCount: number
  voteSetHash: Uint8Array<ArrayBuffer>
  pruned: boolean
  contradicted: boolean
  doubles: number
  proven: boolean
  decidedAt?: bigint
  evidence: number
}

export namespace OutcomeRecord {
  let _codec: Codec<OutcomeRecord>

  export const codec = (): Codec<OutcomeRecord> => {
    if (_codec == null) {
      _codec = message<OutcomeRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.state != null && __StoredStateValues[obj.state] !== 0) {
          w.uint32(8)
          StoredState.codec().encode(obj.state, w)
        }

        if ((obj.yes != null && obj.yes !== 0)) {
          w.uint32(16)
          w.uint32(obj.yes)
        }

        if ((obj.no != null && obj.no !== 0)) {
          w.uint32(24)
          w.uint32(obj.no)
        }

        if ((obj.voteCount != null && obj.voteCount !== 0)) {
          w.uint32(32)
          w.uint32(obj.voteCount)
        }

        if ((obj.voteSetHash != null && obj.voteSetHash.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.voteSetHash)
        }

        if ((obj.pruned != null && obj.pruned !== false)) {
          w.uint32(48)
          w.bool(obj.pruned)
        }

        if ((obj.contradicted != null && obj.contradicted !== false)) {
          w.uint32(56)
          w.bool(obj.contradicted)
        }

        if ((obj.doubles != null && obj.doubles !== 0)) {
          w.uint32(64)
          w.uint32(obj.doubles)
        }

        if ((obj.proven != null && obj.proven !== false)) {
          w.uint32(72)
          w.bool(obj.proven)
        }

        if (obj.decidedAt != null) {
          w.uint32(80)
          w.uint64(obj.decidedAt)
        }

        if ((obj.evidence != null && obj.evidence !== 0)) {
          w.uint32(88)
          w.uint32(obj.evidence)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          state: StoredState.ACTIVE,
          yes: 0,
          no: 0,
          voteCount: 0,
          voteSetHash: uint8ArrayAlloc(0),
          pruned: false,
          contradicted: false,
          doubles: 0,
          proven: false,
          evidence: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.state = StoredState.codec().decode(reader)
              break
            }
            case 2: {
              obj.yes = reader.uint32()
              break
            }
            case 3: {
              obj.no = reader.uint32()
              break
            }
            case 4: {
              obj.voteCount = reader.uint32()
              break
            }
            case 5: {
              obj.voteSetHash = reader.bytes()
              break
            }
            case 6: {
              obj.pruned = reader.bool()
              break
            }
            case 7: {
              obj.contradicted = reader.bool()
              break
            }
            case 8: {
              obj.doubles = reader.uint32()
              break
            }
            case 9: {
              obj.proven = reader.bool()
              break
            }
            case 10: {
              obj.decidedAt = reader.uint64()
              break
            }
            case 11: {
              obj.evidence = reader.uint32()
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
              yield {
                field: `${prefix}.state`,
                value: StoredState.codec().decode(reader)
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.yes`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.no`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.voteCount`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.voteSetHash`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.pruned`,
                value: reader.bool()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.contradicted`,
                value: reader.bool()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.doubles`,
                value: reader.uint32()
              }
              break
            }
            case 9: {
              yield {
                field: `${prefix}.proven`,
                value: reader.bool()
              }
              break
            }
            case 10: {
              yield {
                field: `${prefix}.decidedAt`,
                value: reader.uint64()
              }
              break
            }
            case 11: {
              yield {
                field: `${prefix}.evidence`,
                value: reader.uint32()
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

  export interface OutcomeRecordStateFieldEvent {
    field: '$.state'
    value: StoredState
  }

  export interface OutcomeRecordYesFieldEvent {
    field: '$.yes'
    value: number
  }

  export interface OutcomeRecordNoFieldEvent {
    field: '$.no'
    value: number
  }

  export interface OutcomeRecordVoteCountFieldEvent {
    field: '$.voteCount'
    value: number
  }

  export interface OutcomeRecordVoteSetHashFieldEvent {
    field: '$.voteSetHash'
    value: Uint8Array<ArrayBuffer>
  }

  export interface OutcomeRecordPrunedFieldEvent {
    field: '$.pruned'
    value: boolean
  }

  export interface OutcomeRecordContradictedFieldEvent {
    field: '$.contradicted'
    value: boolean
  }

  export interface OutcomeRecordDoublesFieldEvent {
    field: '$.doubles'
    value: number
  }

  export interface OutcomeRecordProvenFieldEvent {
    field: '$.proven'
    value: boolean
  }

  export interface OutcomeRecordDecidedAtFieldEvent {
    field: '$.decidedAt'
    value: bigint
  }

  export interface OutcomeRecordEvidenceFieldEvent {
    field: '$.evidence'
    value: number
  }

  export function encode (obj: Partial<OutcomeRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, OutcomeRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OutcomeRecord>): OutcomeRecord {
    return decodeMessage(buf, OutcomeRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OutcomeRecord>): Generator<OutcomeRecordStateFieldEvent | OutcomeRecordYesFieldEvent | OutcomeRecordNoFieldEvent | OutcomeRecordVoteCountFieldEvent | OutcomeRecordVoteSetHashFieldEvent | OutcomeRecordPrunedFieldEvent | OutcomeRecordContradictedFieldEvent | OutcomeRecordDoublesFieldEvent | OutcomeRecordProvenFieldEvent | OutcomeRecordDecidedAtFieldEvent | OutcomeRecordEvidenceFieldEvent> {
    return streamMessage(buf, OutcomeRecord.codec(), opts)
  }
}

export interface ScopeConfigRecord {
  networkType: string
  defaultConsensusThreshold: number
  defaultTimeout: number
  defaultLivenessCriteriaYes: boolean
  maxRoundsOverride?: number
  decisionRule: string
  policyDigest?: Uint8Array<ArrayBuffer>
  exactThreshold?: string
}

export namespace ScopeConfigRecord {
  let _codec: Codec<ScopeConfigRecord>

  export const codec = (): Codec<ScopeConfigRecord> => {
    if (_codec == null) {
      _codec = message<ScopeConfigRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.networkType != null && obj.networkType !== '')) {
          w.uint32(10)
          w.string(obj.networkType)
        }

        if ((obj.defaultConsensusThreshold != null && obj.defaultConsensusThreshold !== 0)) {
          w.uint32(17)
          w.double(obj.defaultConsensusThreshold)
        }

        if ((obj.defaultTimeout != null && obj.defaultTimeout !== 0)) {
          w.uint32(25)
          w.double(obj.defaultTimeout)
        }

        if ((obj.defaultLivenessCriteriaYes != null && obj.defaultLivenessCriteriaYes !== false)) {
          w.uint32(32)
          w.bool(obj.defaultLivenessCriteriaYes)
        }

        if (obj.maxRoundsOverride != null) {
          w.uint32(40)
          w.uint32(obj.maxRoundsOverride)
        }

        if ((obj.decisionRule != null && obj.decisionRule !== '')) {
          w.uint32(50)
          w.string(obj.decisionRule)
        }

        if (obj.policyDigest != null) {
          w.uint32(58)
          w.bytes(obj.policyDigest)
        }

        if (obj.exactThreshold != null) {
          w.uint32(66)
          w.string(obj.exactThreshold)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          networkType: '',
          defaultConsensusThreshold: 0,
          defaultTimeout: 0,
          defaultLivenessCriteriaYes: false,
          decisionRule: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.networkType = reader.string()
              break
            }
            case 2: {
              obj.defaultConsensusThreshold = reader.double()
              break
            }
            case 3: {
              obj.defaultTimeout = reader.double()
              break
            }
            case 4: {
              obj.defaultLivenessCriteriaYes = reader.bool()
              break
            }
            case 5: {
              obj.maxRoundsOverride = reader.uint32()
              break
            }
            case 6: {
              obj.decisionRule = reader.string()
              break
            }
            case 7: {
              obj.policyDigest = reader.bytes()
              break
            }
            case 8: {
              obj.exactThreshold = reader.string()
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
              yield {
                field: `${prefix}.networkType`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.defaultConsensusThreshold`,
                value: reader.double()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.defaultTimeout`,
                value: reader.double()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.defaultLivenessCriteriaYes`,
                value: reader.bool()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.maxRoundsOverride`,
                value: reader.uint32()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.decisionRule`,
                value: reader.string()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.policyDigest`,
                value: reader.bytes()
              }
              break
            }
            case 8: {
              yield {
                field: `${prefix}.exactThreshold`,
                value: reader.string()
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

  export interface ScopeConfigRecordNetworkTypeFieldEvent {
    field: '$.networkType'
    value: string
  }

  export interface ScopeConfigRecordDefaultConsensusThresholdFieldEvent {
    field: '$.defaultConsensusThreshold'
    value: number
  }

  export interface ScopeConfigRecordDefaultTimeoutFieldEvent {
    field: '$.defaultTimeout'
    value: number
  }

  export interface ScopeConfigRecordDefaultLivenessCriteriaYesFieldEvent {
    field: '$.defaultLivenessCriteriaYes'
    value: boolean
  }

  export interface ScopeConfigRecordMaxRoundsOverrideFieldEvent {
    field: '$.maxRoundsOverride'
    value: number
  }

  export interface ScopeConfigRecordDecisionRuleFieldEvent {
    field: '$.decisionRule'
    value: string
  }

  export interface ScopeConfigRecordPolicyDigestFieldEvent {
    field: '$.policyDigest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ScopeConfigRecordExactThresholdFieldEvent {
    field: '$.exactThreshold'
    value: string
  }

  export function encode (obj: Partial<ScopeConfigRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ScopeConfigRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ScopeConfigRecord>): ScopeConfigRecord {
    return decodeMessage(buf, ScopeConfigRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ScopeConfigRecord>): Generator<ScopeConfigRecordNetworkTypeFieldEvent | ScopeConfigRecordDefaultConsensusThresholdFieldEvent | ScopeConfigRecordDefaultTimeoutFieldEvent | ScopeConfigRecordDefaultLivenessCriteriaYesFieldEvent | ScopeConfigRecordMaxRoundsOverrideFieldEvent | ScopeConfigRecordDecisionRuleFieldEvent | ScopeConfigRecordPolicyDigestFieldEvent | ScopeConfigRecordExactThresholdFieldEvent> {
    return streamMessage(buf, ScopeConfigRecord.codec(), opts)
  }
}

export interface ScopeSettingsRecord {
  retainVotesSeconds?: bigint
}

export namespace ScopeSettingsRecord {
  let _codec: Codec<ScopeSettingsRecord>

  export const codec = (): Codec<ScopeSettingsRecord> => {
    if (_codec == null) {
      _codec = message<ScopeSettingsRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.retainVotesSeconds != null) {
          w.uint32(8)
          w.uint64(obj.retainVotesSeconds)
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
              obj.retainVotesSeconds = reader.uint64()
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
              yield {
                field: `${prefix}.retainVotesSeconds`,
                value: reader.uint64()
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

  export interface ScopeSettingsRecordRetainVotesSecondsFieldEvent {
    field: '$.retainVotesSeconds'
    value: bigint
  }

  export function encode (obj: Partial<ScopeSettingsRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ScopeSettingsRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ScopeSettingsRecord>): ScopeSettingsRecord {
    return decodeMessage(buf, ScopeSettingsRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<ScopeSettingsRecord>): Generator<ScopeSettingsRecordRetainVotesSecondsFieldEvent> {
    return streamMessage(buf, ScopeSettingsRecord.codec(), opts)
  }
}

export interface RefusedProposalRecord {
  name: string
  proposer: Uint8Array<ArrayBuffer>
  digest: Uint8Array<ArrayBuffer>
}

export namespace RefusedProposalRecord {
  let _codec: Codec<RefusedProposalRecord>

  export const codec = (): Codec<RefusedProposalRecord> => {
    if (_codec == null) {
      _codec = message<RefusedProposalRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.proposer != null && obj.proposer.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.proposer)
        }

        if ((obj.digest != null && obj.digest.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.digest)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          proposer: uint8ArrayAlloc(0),
          digest: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.proposer = reader.bytes()
              break
            }
            case 3: {
              obj.digest = reader.bytes()
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
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.proposer`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.digest`,
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

  export interface RefusedProposalRecordNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface RefusedProposalRecordProposerFieldEvent {
    field: '$.proposer'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RefusedProposalRecordDigestFieldEvent {
    field: '$.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<RefusedProposalRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RefusedProposalRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RefusedProposalRecord>): RefusedProposalRecord {
    return decodeMessage(buf, RefusedProposalRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RefusedProposalRecord>): Generator<RefusedProposalRecordNameFieldEvent | RefusedProposalRecordProposerFieldEvent | RefusedProposalRecordDigestFieldEvent> {
    return streamMessage(buf, RefusedProposalRecord.codec(), opts)
  }
}

export interface MissedAutoVotesRecord {
  votes: MissedAutoVoteRecord[]
}

export namespace MissedAutoVotesRecord {
  let _codec: Codec<MissedAutoVotesRecord>

  export const codec = (): Codec<MissedAutoVotesRecord> => {
    if (_codec == null) {
      _codec = message<MissedAutoVotesRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.votes != null && obj.votes.length > 0) {
          for (const value of obj.votes) {
            w.uint32(10)
            MissedAutoVoteRecord.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          votes: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.votes != null && obj.votes.length === opts.limits.votes) {
                throw new MaxLengthError('Decode error - repeated field "votes" had too many elements')
              }

              obj.votes.push(MissedAutoVoteRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.votes$
              }))
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
            case 1: {
              if (opts.limits?.votes != null && obj.votes === opts.limits.votes) {
                throw new MaxLengthError('Streaming decode error - repeated field "votes" had too many elements')
              }

              for (const evt of MissedAutoVoteRecord.codec().stream(reader, reader.uint32(), `${prefix}.votes[]`, {
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

  export interface MissedAutoVotesRecordVotesProposalIdFieldEvent {
    field: '$.votes[].proposalId'
    value: number
    index: number
  }

  export interface MissedAutoVotesRecordVotesNameFieldEvent {
    field: '$.votes[].name'
    value: string
    index: number
  }

  export interface MissedAutoVotesRecordVotesReasonFieldEvent {
    field: '$.votes[].reason'
    value: string
    index: number
  }

  export function encode (obj: Partial<MissedAutoVotesRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MissedAutoVotesRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MissedAutoVotesRecord>): MissedAutoVotesRecord {
    return decodeMessage(buf, MissedAutoVotesRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MissedAutoVotesRecord>): Generator<MissedAutoVotesRecordVotesProposalIdFieldEvent | MissedAutoVotesRecordVotesNameFieldEvent | MissedAutoVotesRecordVotesReasonFieldEvent> {
    return streamMessage(buf, MissedAutoVotesRecord.codec(), opts)
  }
}

export interface MissedAutoVoteRecord {
  proposalId: number
  name: string
  reason: string
}

export namespace MissedAutoVoteRecord {
  let _codec: Codec<MissedAutoVoteRecord>

  export const codec = (): Codec<MissedAutoVoteRecord> => {
    if (_codec == null) {
      _codec = message<MissedAutoVoteRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.proposalId != null && obj.proposalId !== 0)) {
          w.uint32(8)
          w.uint32(obj.proposalId)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(18)
          w.string(obj.name)
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(26)
          w.string(obj.reason)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          proposalId: 0,
          name: '',
          reason: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.proposalId = reader.uint32()
              break
            }
            case 2: {
              obj.name = reader.string()
              break
            }
            case 3: {
              obj.reason = reader.string()
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
              yield {
                field: `${prefix}.proposalId`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.reason`,
                value: reader.string()
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

  export interface MissedAutoVoteRecordProposalIdFieldEvent {
    field: '$.proposalId'
    value: number
  }

  export interface MissedAutoVoteRecordNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface MissedAutoVoteRecordReasonFieldEvent {
    field: '$.reason'
    value: string
  }

  export function encode (obj: Partial<MissedAutoVoteRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MissedAutoVoteRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MissedAutoVoteRecord>): MissedAutoVoteRecord {
    return decodeMessage(buf, MissedAutoVoteRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MissedAutoVoteRecord>): Generator<MissedAutoVoteRecordProposalIdFieldEvent | MissedAutoVoteRecordNameFieldEvent | MissedAutoVoteRecordReasonFieldEvent> {
    return streamMessage(buf, MissedAutoVoteRecord.codec(), opts)
  }
}

export interface VoteLockRecord {
  version: number
  scope: string
  vote: Uint8Array<ArrayBuffer>
  expiration: bigint
  checksum: Uint8Array<ArrayBuffer>
}

export namespace VoteLockRecord {
  let _codec: Codec<VoteLockRecord>

  export const codec = (): Codec<VoteLockRecord> => {
    if (_codec == null) {
      _codec = message<VoteLockRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.scope != null && obj.scope !== '')) {
          w.uint32(18)
          w.string(obj.scope)
        }

        if ((obj.vote != null && obj.vote.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.vote)
        }

        if ((obj.expiration != null && obj.expiration !== 0n)) {
          w.uint32(32)
          w.uint64(obj.expiration)
        }

        if ((obj.checksum != null && obj.checksum.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.checksum)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          scope: '',
          vote: uint8ArrayAlloc(0),
          expiration: 0n,
          checksum: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.scope = reader.string()
              break
            }
            case 3: {
              obj.vote = reader.bytes()
              break
            }
            case 4: {
              obj.expiration = reader.uint64()
              break
            }
            case 5: {
              obj.checksum = reader.bytes()
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
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.scope`,
                value: reader.string()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.vote`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.expiration`,
                value: reader.uint64()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.checksum`,
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

  export interface VoteLockRecordVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface VoteLockRecordScopeFieldEvent {
    field: '$.scope'
    value: string
  }

  export interface VoteLockRecordVoteFieldEvent {
    field: '$.vote'
    value: Uint8Array<ArrayBuffer>
  }

  export interface VoteLockRecordExpirationFieldEvent {
    field: '$.expiration'
    value: bigint
  }

  export interface VoteLockRecordChecksumFieldEvent {
    field: '$.checksum'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<VoteLockRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, VoteLockRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<VoteLockRecord>): VoteLockRecord {
    return decodeMessage(buf, VoteLockRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<VoteLockRecord>): Generator<VoteLockRecordVersionFieldEvent | VoteLockRecordScopeFieldEvent | VoteLockRecordVoteFieldEvent | VoteLockRecordExpirationFieldEvent | VoteLockRecordChecksumFieldEvent> {
    return streamMessage(buf, VoteLockRecord.codec(), opts)
  }
}

export interface VoteLockEntry {
  name: Uint8Array<ArrayBuffer>
  record: Uint8Array<ArrayBuffer>
}

export namespace VoteLockEntry {
  let _codec: Codec<VoteLockEntry>

  export const codec = (): Codec<VoteLockEntry> => {
    if (_codec == null) {
      _codec = message<VoteLockEntry>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.name)
        }

        if ((obj.record != null && obj.record.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.record)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: uint8ArrayAlloc(0),
          record: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.bytes()
              break
            }
            case 2: {
              obj.record = reader.bytes()
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
              yield {
                field: `${prefix}.name`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.record`,
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

  export interface VoteLockEntryNameFieldEvent {
    field: '$.name'
    value: Uint8Array<ArrayBuffer>
  }

  export interface VoteLockEntryRecordFieldEvent {
    field: '$.record'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<VoteLockEntry>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, VoteLockEntry.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<VoteLockEntry>): VoteLockEntry {
    return decodeMessage(buf, VoteLockEntry.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<VoteLockEntry>): Generator<VoteLockEntryNameFieldEvent | VoteLockEntryRecordFieldEvent> {
    return streamMessage(buf, VoteLockEntry.codec(), opts)
  }
}

export interface VoteLockBatch {
  locks: VoteLockEntry[]
}

export namespace VoteLockBatch {
  let _codec: Codec<VoteLockBatch>

  export const codec = (): Codec<VoteLockBatch> => {
    if (_codec == null) {
      _codec = message<VoteLockBatch>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.locks != null && obj.locks.length > 0) {
          for (const value of obj.locks) {
            w.uint32(50)
            VoteLockEntry.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          locks: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 6: {
              if (opts.limits?.locks != null && obj.locks.length === opts.limits.locks) {
                throw new MaxLengthError('Decode error - repeated field "locks" had too many elements')
              }

              obj.locks.push(VoteLockEntry.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.locks$
              }))
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
          locks: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 6: {
              if (opts.limits?.locks != null && obj.locks === opts.limits.locks) {
                throw new MaxLengthError('Streaming decode error - repeated field "locks" had too many elements')
              }

              for (const evt of VoteLockEntry.codec().stream(reader, reader.uint32(), `${prefix}.locks[]`, {
                limits: opts.limits?.locks$
              })) {
                yield {
                  ...evt,
                  index: obj.locks
                }
              }

              obj.locks++

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

  export interface VoteLockBatchLocksNameFieldEvent {
    field: '$.locks[].name'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface VoteLockBatchLocksRecordFieldEvent {
    field: '$.locks[].record'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode (obj: Partial<VoteLockBatch>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, VoteLockBatch.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<VoteLockBatch>): VoteLockBatch {
    return decodeMessage(buf, VoteLockBatch.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<VoteLockBatch>): Generator<VoteLockBatchLocksNameFieldEvent | VoteLockBatchLocksRecordFieldEvent> {
    return streamMessage(buf, VoteLockBatch.codec(), opts)
  }
}

export interface LockCounterRecord {
  version: number
  id: Uint8Array<ArrayBuffer>
  count: bigint
  mark: Uint8Array<ArrayBuffer>
  restoredAt?: bigint
  earlier: Uint8Array<ArrayBuffer>
  checksum: Uint8Array<ArrayBuffer>
}

export namespace LockCounterRecord {
  let _codec: Codec<LockCounterRecord>

  export const codec = (): Codec<LockCounterRecord> => {
    if (_codec == null) {
      _codec = message<LockCounterRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.id != null && obj.id.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.id)
        }

        if ((obj.count != null && obj.count !== 0n)) {
          w.uint32(24)
          w.uint64(obj.count)
        }

        if ((obj.mark != null && obj.mark.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.mark)
        }

        if (obj.restoredAt != null) {
          w.uint32(40)
          w.uint64(obj.restoredAt)
        }

        if ((obj.earlier != null && obj.earlier.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.earlier)
        }

        if ((obj.checksum != null && obj.checksum.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.checksum)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          version: 0,
          id: uint8ArrayAlloc(0),
          count: 0n,
          mark: uint8ArrayAlloc(0),
          earlier: uint8ArrayAlloc(0),
          checksum: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.id = reader.bytes()
              break
            }
            case 3: {
              obj.count = reader.uint64()
              break
            }
            case 4: {
              obj.mark = reader.bytes()
              break
            }
            case 5: {
              obj.restoredAt = reader.uint64()
              break
            }
            case 6: {
              obj.earlier = reader.bytes()
              break
            }
            case 7: {
              obj.checksum = reader.bytes()
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
              yield {
                field: `${prefix}.version`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.id`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint64()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.mark`,
                value: reader.bytes()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.restoredAt`,
                value: reader.uint64()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.earlier`,
                value: reader.bytes()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.checksum`,
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

  export interface LockCounterRecordVersionFieldEvent {
    field: '$.version'
    value: number
  }

  export interface LockCounterRecordIdFieldEvent {
    field: '$.id'
    value: Uint8Array<ArrayBuffer>
  }

  export interface LockCounterRecordCountFieldEvent {
    field: '$.count'
    value: bigint
  }

  export interface LockCounterRecordMarkFieldEvent {
    field: '$.mark'
    value: Uint8Array<ArrayBuffer>
  }

  export interface LockCounterRecordRestoredAtFieldEvent {
    field: '$.restoredAt'
    value: bigint
  }

  export interface LockCounterRecordEarlierFieldEvent {
    field: '$.earlier'
    value: Uint8Array<ArrayBuffer>
  }

  export interface LockCounterRecordChecksumFieldEvent {
    field: '$.checksum'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<LockCounterRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, LockCounterRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LockCounterRecord>): LockCounterRecord {
    return decodeMessage(buf, LockCounterRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<LockCounterRecord>): Generator<LockCounterRecordVersionFieldEvent | LockCounterRecordIdFieldEvent | LockCounterRecordCountFieldEvent | LockCounterRecordMarkFieldEvent | LockCounterRecordRestoredAtFieldEvent | LockCounterRecordEarlierFieldEvent | LockCounterRecordChecksumFieldEvent> {
    return streamMessage(buf, LockCounterRecord.codec(), opts)
  }
}

export interface HeldProofRecord {
  voter: Uint8Array<ArrayBuffer>
  issued: bigint
  expires: bigint
  count: bigint
  mark: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
  peer: string
}

export namespace HeldProofRecord {
  let _codec: Codec<HeldProofRecord>

  export const codec = (): Codec<HeldProofRecord> => {
    if (_codec == null) {
      _codec = message<HeldProofRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.voter != null && obj.voter.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.voter)
        }

        if ((obj.issued != null && obj.issued !== 0n)) {
          w.uint32(16)
          w.uint64(obj.issued)
        }

        if ((obj.expires != null && obj.expires !== 0n)) {
          w.uint32(24)
          w.uint64(obj.expires)
        }

        if ((obj.count != null && obj.count !== 0n)) {
          w.uint32(32)
          w.uint64(obj.count)
        }

        if ((obj.mark != null && obj.mark.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.mark)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.signature)
        }

        if ((obj.peer != null && obj.peer !== '')) {
          w.uint32(58)
          w.string(obj.peer)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          voter: uint8ArrayAlloc(0),
          issued: 0n,
          expires: 0n,
          count: 0n,
          mark: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          peer: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.voter = reader.bytes()
              break
            }
            case 2: {
              obj.issued = reader.uint64()
              break
            }
            case 3: {
              obj.expires = reader.uint64()
              break
            }
            case 4: {
              obj.count = reader.uint64()
              break
            }
            case 5: {
              obj.mark = reader.bytes()
              break
            }
            case 6: {
              obj.signature = reader.bytes()
              break
            }
            case 7: {
              obj.peer = reader.string()
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
              yield {
                field: `${prefix}.voter`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.issued`,
                value: reader.uint64()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.expires`,
                value: reader.uint64()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint64()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.mark`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.peer`,
                value: reader.string()
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

  export interface HeldProofRecordVoterFieldEvent {
    field: '$.voter'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HeldProofRecordIssuedFieldEvent {
    field: '$.issued'
    value: bigint
  }

  export interface HeldProofRecordExpiresFieldEvent {
    field: '$.expires'
    value: bigint
  }

  export interface HeldProofRecordCountFieldEvent {
    field: '$.count'
    value: bigint
  }

  export interface HeldProofRecordMarkFieldEvent {
    field: '$.mark'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HeldProofRecordSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HeldProofRecordPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export function encode (obj: Partial<HeldProofRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, HeldProofRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeldProofRecord>): HeldProofRecord {
    return decodeMessage(buf, HeldProofRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeldProofRecord>): Generator<HeldProofRecordVoterFieldEvent | HeldProofRecordIssuedFieldEvent | HeldProofRecordExpiresFieldEvent | HeldProofRecordCountFieldEvent | HeldProofRecordMarkFieldEvent | HeldProofRecordSignatureFieldEvent | HeldProofRecordPeerFieldEvent> {
    return streamMessage(buf, HeldProofRecord.codec(), opts)
  }
}

export interface HeldProofsRecord {
  proofs: HeldProofRecord[]
}

export namespace HeldProofsRecord {
  let _codec: Codec<HeldProofsRecord>

  export const codec = (): Codec<HeldProofsRecord> => {
    if (_codec == null) {
      _codec = message<HeldProofsRecord>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.proofs != null && obj.proofs.length > 0) {
          for (const value of obj.proofs) {
            w.uint32(10)
            HeldProofRecord.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          proofs: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.proofs != null && obj.proofs.length === opts.limits.proofs) {
                throw new MaxLengthError('Decode error - repeated field "proofs" had too many elements')
              }

              obj.proofs.push(HeldProofRecord.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.proofs$
              }))
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
          proofs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.proofs != null && obj.proofs === opts.limits.proofs) {
                throw new MaxLengthError('Streaming decode error - repeated field "proofs" had too many elements')
              }

              for (const evt of HeldProofRecord.codec().stream(reader, reader.uint32(), `${prefix}.proofs[]`, {
                limits: opts.limits?.proofs$
              })) {
                yield {
                  ...evt,
                  index: obj.proofs
                }
              }

              obj.proofs++

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

  export interface HeldProofsRecordProofsVoterFieldEvent {
    field: '$.proofs[].voter'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface HeldProofsRecordProofsIssuedFieldEvent {
    field: '$.proofs[].issued'
    value: bigint
    index: number
  }

  export interface HeldProofsRecordProofsExpiresFieldEvent {
    field: '$.proofs[].expires'
    value: bigint
    index: number
  }

  export interface HeldProofsRecordProofsCountFieldEvent {
    field: '$.proofs[].count'
    value: bigint
    index: number
  }

  export interface HeldProofsRecordProofsMarkFieldEvent {
    field: '$.proofs[].mark'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface HeldProofsRecordProofsSignatureFieldEvent {
    field: '$.proofs[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface HeldProofsRecordProofsPeerFieldEvent {
    field: '$.proofs[].peer'
    value: string
    index: number
  }

  export function encode (obj: Partial<HeldProofsRecord>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, HeldProofsRecord.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeldProofsRecord>): HeldProofsRecord {
    return decodeMessage(buf, HeldProofsRecord.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HeldProofsRecord>): Generator<HeldProofsRecordProofsVoterFieldEvent | HeldProofsRecordProofsIssuedFieldEvent | HeldProofsRecordProofsExpiresFieldEvent | HeldProofsRecordProofsCountFieldEvent | HeldProofsRecordProofsMarkFieldEvent | HeldProofsRecordProofsSignatureFieldEvent | HeldProofsRecordProofsPeerFieldEvent> {
    return streamMessage(buf, HeldProofsRecord.codec(), opts)
  }
}
