/* eslint-disable require-yield */

import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface SyncRequest {
  hello?: SyncHello
  days?: DaysQuery
  summaries?: SummariesQuery
  pull?: Pull
  push?: Push
  next?: NextPage
}

export namespace SyncRequest {
  let _codec: Codec<SyncRequest>

  export const codec = (): Codec<SyncRequest> => {
    if (_codec == null) {
      _codec = message<SyncRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.next != null) {
          obj.push = undefined
          obj.pull = undefined
          obj.summaries = undefined
          obj.days = undefined
          obj.hello = undefined
        }

        if (obj.push != null) {
          obj.next = undefined
          obj.pull = undefined
          obj.summaries = undefined
          obj.days = undefined
          obj.hello = undefined
        }

        if (obj.pull != null) {
          obj.next = undefined
          obj.push = undefined
          obj.summaries = undefined
          obj.days = undefined
          obj.hello = undefined
        }

        if (obj.summaries != null) {
          obj.next = undefined
          obj.push = undefined
          obj.pull = undefined
          obj.days = undefined
          obj.hello = undefined
        }

        if (obj.days != null) {
          obj.next = undefined
          obj.push = undefined
          obj.pull = undefined
          obj.summaries = undefined
          obj.hello = undefined
        }

        if (obj.hello != null) {
          obj.next = undefined
          obj.push = undefined
          obj.pull = undefined
          obj.summaries = undefined
          obj.days = undefined
        }

        if (obj.hello != null) {
          w.uint32(10)
          SyncHello.codec().encode(obj.hello, w)
        }

        if (obj.days != null) {
          w.uint32(18)
          DaysQuery.codec().encode(obj.days, w)
        }

        if (obj.summaries != null) {
          w.uint32(26)
          SummariesQuery.codec().encode(obj.summaries, w)
        }

        if (obj.pull != null) {
          w.uint32(34)
          Pull.codec().encode(obj.pull, w)
        }

        if (obj.push != null) {
          w.uint32(42)
          Push.codec().encode(obj.push, w)
        }

        if (obj.next != null) {
          w.uint32(50)
          NextPage.codec().encode(obj.next, w)
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
              obj.hello = SyncHello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 2: {
              obj.days = DaysQuery.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.days
              })
              break
            }
            case 3: {
              obj.summaries = SummariesQuery.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.summaries
              })
              break
            }
            case 4: {
              obj.pull = Pull.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.pull
              })
              break
            }
            case 5: {
              obj.push = Push.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.push
              })
              break
            }
            case 6: {
              obj.next = NextPage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.next
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.next != null) {
          delete obj.push
          delete obj.pull
          delete obj.summaries
          delete obj.days
          delete obj.hello
        }

        if (obj.push != null) {
          delete obj.next
          delete obj.pull
          delete obj.summaries
          delete obj.days
          delete obj.hello
        }

        if (obj.pull != null) {
          delete obj.next
          delete obj.push
          delete obj.summaries
          delete obj.days
          delete obj.hello
        }

        if (obj.summaries != null) {
          delete obj.next
          delete obj.push
          delete obj.pull
          delete obj.days
          delete obj.hello
        }

        if (obj.days != null) {
          delete obj.next
          delete obj.push
          delete obj.pull
          delete obj.summaries
          delete obj.hello
        }

        if (obj.hello != null) {
          delete obj.next
          delete obj.push
          delete obj.pull
          delete obj.summaries
          delete obj.days
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * SyncHello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 2: {
              yield * DaysQuery.codec().stream(reader, reader.uint32(), `${prefix}.days`, {
                limits: opts.limits?.days
              })

              break
            }
            case 3: {
              yield * SummariesQuery.codec().stream(reader, reader.uint32(), `${prefix}.summaries`, {
                limits: opts.limits?.summaries
              })

              break
            }
            case 4: {
              yield * Pull.codec().stream(reader, reader.uint32(), `${prefix}.pull`, {
                limits: opts.limits?.pull
              })

              break
            }
            case 5: {
              yield * Push.codec().stream(reader, reader.uint32(), `${prefix}.push`, {
                limits: opts.limits?.push
              })

              break
            }
            case 6: {
              yield * NextPage.codec().stream(reader, reader.uint32(), `${prefix}.next`, {
                limits: opts.limits?.next
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

  export interface SyncRequestHelloScopeFieldEvent {
    field: '$.hello.scope'
    value: string
  }

  export interface SyncRequestHelloDigestFieldEvent {
    field: '$.hello.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncRequestHelloSigningFieldEvent {
    field: '$.hello.signing'
    value: GossipSigning
  }

  export interface SyncRequestHelloSinceFieldEvent {
    field: '$.hello.since'
    value: number
  }

  export interface SyncRequestHelloRootFieldEvent {
    field: '$.hello.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncRequestHelloPrunedFieldEvent {
    field: '$.hello.pruned'
    value: number
  }

  export interface SyncRequestHelloNowFieldEvent {
    field: '$.hello.now'
    value: bigint
  }

  export interface SyncRequestHelloMemberVoterFieldEvent {
    field: '$.hello.member.voter'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncRequestHelloMemberIssuedFieldEvent {
    field: '$.hello.member.issued'
    value: bigint
  }

  export interface SyncRequestHelloMemberExpiresFieldEvent {
    field: '$.hello.member.expires'
    value: bigint
  }

  export interface SyncRequestHelloMemberCountFieldEvent {
    field: '$.hello.member.count'
    value: bigint
  }

  export interface SyncRequestHelloMemberMarkFieldEvent {
    field: '$.hello.member.mark'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncRequestHelloMemberSignatureFieldEvent {
    field: '$.hello.member.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncRequestHelloMemberPeerFieldEvent {
    field: '$.hello.member.peer'
    value: string
  }

  export interface SyncRequestHelloYoursVoterFieldEvent {
    field: '$.hello.yours[].voter'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncRequestHelloYoursIssuedFieldEvent {
    field: '$.hello.yours[].issued'
    value: bigint
    index: number
  }

  export interface SyncRequestHelloYoursExpiresFieldEvent {
    field: '$.hello.yours[].expires'
    value: bigint
    index: number
  }

  export interface SyncRequestHelloYoursCountFieldEvent {
    field: '$.hello.yours[].count'
    value: bigint
    index: number
  }

  export interface SyncRequestHelloYoursMarkFieldEvent {
    field: '$.hello.yours[].mark'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncRequestHelloYoursSignatureFieldEvent {
    field: '$.hello.yours[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncRequestHelloYoursPeerFieldEvent {
    field: '$.hello.yours[].peer'
    value: string
    index: number
  }

  export interface SyncRequestSummariesDaysFieldEvent {
    field: '$.summaries.days[]'
    index: number
    value: number
  }

  export interface SyncRequestPullWantsProposalIdFieldEvent {
    field: '$.pull.wants[].proposalId'
    value: number
    index: number
  }

  export interface SyncRequestPullWantsAnnouncementFieldEvent {
    field: '$.pull.wants[].announcement'
    value: boolean
    index: number
  }

  export interface SyncRequestPullWantsVotesFieldEvent {
    field: '$.pull.wants[].votes'
    value: boolean
    index: number
  }

  export interface SyncRequestPullWantsHaveFieldEvent {
    field: '$.pull.wants[].have'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncRequestPushDeliveriesProposalIdFieldEvent {
    field: '$.push.deliveries[].proposalId'
    value: number
    index: number
  }

  export interface SyncRequestPushDeliveriesAnnouncementProposalFieldEvent {
    field: '$.push.deliveries[].announcement.proposal'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncRequestPushDeliveriesAnnouncementSignatureFieldEvent {
    field: '$.push.deliveries[].announcement.signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncRequestPushDeliveriesHoldingHaveFieldEvent {
    field: '$.push.deliveries[].holding.have'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncRequestPushDeliveriesHoldingEntryFieldEvent {
    field: '$.push.deliveries[].holding.entry'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncRequestPushDeliveriesHoldingFlagsFieldEvent {
    field: '$.push.deliveries[].holding.flags'
    value: number
    index: number
  }

  export interface SyncRequestPushDeliveriesVotesFieldEvent {
    field: '$.push.deliveries[].votes[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncRequestNextOfFieldEvent {
    field: '$.next.of'
    value: PageKind
  }

  export function encode (obj: Partial<SyncRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SyncRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SyncRequest>): SyncRequest {
    return decodeMessage(buf, SyncRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SyncRequest>): Generator<SyncRequestHelloScopeFieldEvent | SyncRequestHelloDigestFieldEvent | SyncRequestHelloSigningFieldEvent | SyncRequestHelloSinceFieldEvent | SyncRequestHelloRootFieldEvent | SyncRequestHelloPrunedFieldEvent | SyncRequestHelloNowFieldEvent | SyncRequestHelloMemberVoterFieldEvent | SyncRequestHelloMemberIssuedFieldEvent | SyncRequestHelloMemberExpiresFieldEvent | SyncRequestHelloMemberCountFieldEvent | SyncRequestHelloMemberMarkFieldEvent | SyncRequestHelloMemberSignatureFieldEvent | SyncRequestHelloMemberPeerFieldEvent | SyncRequestHelloYoursVoterFieldEvent | SyncRequestHelloYoursIssuedFieldEvent | SyncRequestHelloYoursExpiresFieldEvent | SyncRequestHelloYoursCountFieldEvent | SyncRequestHelloYoursMarkFieldEvent | SyncRequestHelloYoursSignatureFieldEvent | SyncRequestHelloYoursPeerFieldEvent | SyncRequestSummariesDaysFieldEvent | SyncRequestPullWantsProposalIdFieldEvent | SyncRequestPullWantsAnnouncementFieldEvent | SyncRequestPullWantsVotesFieldEvent | SyncRequestPullWantsHaveFieldEvent | SyncRequestPushDeliveriesProposalIdFieldEvent | SyncRequestPushDeliveriesAnnouncementProposalFieldEvent | SyncRequestPushDeliveriesAnnouncementSignatureFieldEvent | SyncRequestPushDeliveriesHoldingHaveFieldEvent | SyncRequestPushDeliveriesHoldingEntryFieldEvent | SyncRequestPushDeliveriesHoldingFlagsFieldEvent | SyncRequestPushDeliveriesVotesFieldEvent | SyncRequestNextOfFieldEvent> {
    return streamMessage(buf, SyncRequest.codec(), opts)
  }
}

export interface SyncResponse {
  status: SyncStatus
  more: boolean
  hello?: SyncHello
  days?: DaysPage
  summaries?: SummariesPage
  deliveries?: Push
  ack?: Ack
}

export namespace SyncResponse {
  let _codec: Codec<SyncResponse>

  export const codec = (): Codec<SyncResponse> => {
    if (_codec == null) {
      _codec = message<SyncResponse>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        obj = { ...obj }

        if (obj.ack != null) {
          obj.deliveries = undefined
          obj.summaries = undefined
          obj.days = undefined
          obj.hello = undefined
        }

        if (obj.deliveries != null) {
          obj.ack = undefined
          obj.summaries = undefined
          obj.days = undefined
          obj.hello = undefined
        }

        if (obj.summaries != null) {
          obj.ack = undefined
          obj.deliveries = undefined
          obj.days = undefined
          obj.hello = undefined
        }

        if (obj.days != null) {
          obj.ack = undefined
          obj.deliveries = undefined
          obj.summaries = undefined
          obj.hello = undefined
        }

        if (obj.hello != null) {
          obj.ack = undefined
          obj.deliveries = undefined
          obj.summaries = undefined
          obj.days = undefined
        }

        if (obj.status != null && __SyncStatusValues[obj.status] !== 0) {
          w.uint32(8)
          SyncStatus.codec().encode(obj.status, w)
        }

        if ((obj.more != null && obj.more !== false)) {
          w.uint32(16)
          w.bool(obj.more)
        }

        if (obj.hello != null) {
          w.uint32(26)
          SyncHello.codec().encode(obj.hello, w)
        }

        if (obj.days != null) {
          w.uint32(34)
          DaysPage.codec().encode(obj.days, w)
        }

        if (obj.summaries != null) {
          w.uint32(42)
          SummariesPage.codec().encode(obj.summaries, w)
        }

        if (obj.deliveries != null) {
          w.uint32(50)
          Push.codec().encode(obj.deliveries, w)
        }

        if (obj.ack != null) {
          w.uint32(58)
          Ack.codec().encode(obj.ack, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          status: SyncStatus.OK,
          more: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.status = SyncStatus.codec().decode(reader)
              break
            }
            case 2: {
              obj.more = reader.bool()
              break
            }
            case 3: {
              obj.hello = SyncHello.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.hello
              })
              break
            }
            case 4: {
              obj.days = DaysPage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.days
              })
              break
            }
            case 5: {
              obj.summaries = SummariesPage.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.summaries
              })
              break
            }
            case 6: {
              obj.deliveries = Push.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.deliveries
              })
              break
            }
            case 7: {
              obj.ack = Ack.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.ack
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        if (obj.ack != null) {
          delete obj.deliveries
          delete obj.summaries
          delete obj.days
          delete obj.hello
        }

        if (obj.deliveries != null) {
          delete obj.ack
          delete obj.summaries
          delete obj.days
          delete obj.hello
        }

        if (obj.summaries != null) {
          delete obj.ack
          delete obj.deliveries
          delete obj.days
          delete obj.hello
        }

        if (obj.days != null) {
          delete obj.ack
          delete obj.deliveries
          delete obj.summaries
          delete obj.hello
        }

        if (obj.hello != null) {
          delete obj.ack
          delete obj.deliveries
          delete obj.summaries
          delete obj.days
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.status`,
                value: SyncStatus.codec().decode(reader)
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.more`,
                value: reader.bool()
              }
              break
            }
            case 3: {
              yield * SyncHello.codec().stream(reader, reader.uint32(), `${prefix}.hello`, {
                limits: opts.limits?.hello
              })

              break
            }
            case 4: {
              yield * DaysPage.codec().stream(reader, reader.uint32(), `${prefix}.days`, {
                limits: opts.limits?.days
              })

              break
            }
            case 5: {
              yield * SummariesPage.codec().stream(reader, reader.uint32(), `${prefix}.summaries`, {
                limits: opts.limits?.summaries
              })

              break
            }
            case 6: {
              yield * Push.codec().stream(reader, reader.uint32(), `${prefix}.deliveries`, {
                limits: opts.limits?.deliveries
              })

              break
            }
            case 7: {
              yield * Ack.codec().stream(reader, reader.uint32(), `${prefix}.ack`, {
                limits: opts.limits?.ack
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

  export interface SyncResponseStatusFieldEvent {
    field: '$.status'
    value: SyncStatus
  }

  export interface SyncResponseMoreFieldEvent {
    field: '$.more'
    value: boolean
  }

  export interface SyncResponseHelloScopeFieldEvent {
    field: '$.hello.scope'
    value: string
  }

  export interface SyncResponseHelloDigestFieldEvent {
    field: '$.hello.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncResponseHelloSigningFieldEvent {
    field: '$.hello.signing'
    value: GossipSigning
  }

  export interface SyncResponseHelloSinceFieldEvent {
    field: '$.hello.since'
    value: number
  }

  export interface SyncResponseHelloRootFieldEvent {
    field: '$.hello.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncResponseHelloPrunedFieldEvent {
    field: '$.hello.pruned'
    value: number
  }

  export interface SyncResponseHelloNowFieldEvent {
    field: '$.hello.now'
    value: bigint
  }

  export interface SyncResponseHelloMemberVoterFieldEvent {
    field: '$.hello.member.voter'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncResponseHelloMemberIssuedFieldEvent {
    field: '$.hello.member.issued'
    value: bigint
  }

  export interface SyncResponseHelloMemberExpiresFieldEvent {
    field: '$.hello.member.expires'
    value: bigint
  }

  export interface SyncResponseHelloMemberCountFieldEvent {
    field: '$.hello.member.count'
    value: bigint
  }

  export interface SyncResponseHelloMemberMarkFieldEvent {
    field: '$.hello.member.mark'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncResponseHelloMemberSignatureFieldEvent {
    field: '$.hello.member.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncResponseHelloMemberPeerFieldEvent {
    field: '$.hello.member.peer'
    value: string
  }

  export interface SyncResponseHelloYoursVoterFieldEvent {
    field: '$.hello.yours[].voter'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseHelloYoursIssuedFieldEvent {
    field: '$.hello.yours[].issued'
    value: bigint
    index: number
  }

  export interface SyncResponseHelloYoursExpiresFieldEvent {
    field: '$.hello.yours[].expires'
    value: bigint
    index: number
  }

  export interface SyncResponseHelloYoursCountFieldEvent {
    field: '$.hello.yours[].count'
    value: bigint
    index: number
  }

  export interface SyncResponseHelloYoursMarkFieldEvent {
    field: '$.hello.yours[].mark'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseHelloYoursSignatureFieldEvent {
    field: '$.hello.yours[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseHelloYoursPeerFieldEvent {
    field: '$.hello.yours[].peer'
    value: string
    index: number
  }

  export interface SyncResponseDaysDaysDayFieldEvent {
    field: '$.days.days[].day'
    value: number
    index: number
  }

  export interface SyncResponseDaysDaysDigestFieldEvent {
    field: '$.days.days[].digest'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseSummariesDaysDayFieldEvent {
    field: '$.summaries.days[].day'
    value: number
    index: number
  }

  export interface SyncResponseSummariesDaysSummariesProposalIdFieldEvent {
    field: '$.summaries.days[].summaries[].proposalId'
    value: number
    index: number
  }

  export interface SyncResponseSummariesDaysSummariesDigestFieldEvent {
    field: '$.summaries.days[].summaries[].digest'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseSummariesDaysSummariesEntryFieldEvent {
    field: '$.summaries.days[].summaries[].entry'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseSummariesDaysSummariesFlagsFieldEvent {
    field: '$.summaries.days[].summaries[].flags'
    value: number
    index: number
  }

  export interface SyncResponseDeliveriesDeliveriesProposalIdFieldEvent {
    field: '$.deliveries.deliveries[].proposalId'
    value: number
    index: number
  }

  export interface SyncResponseDeliveriesDeliveriesAnnouncementProposalFieldEvent {
    field: '$.deliveries.deliveries[].announcement.proposal'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseDeliveriesDeliveriesAnnouncementSignatureFieldEvent {
    field: '$.deliveries.deliveries[].announcement.signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseDeliveriesDeliveriesHoldingHaveFieldEvent {
    field: '$.deliveries.deliveries[].holding.have'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseDeliveriesDeliveriesHoldingEntryFieldEvent {
    field: '$.deliveries.deliveries[].holding.entry'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncResponseDeliveriesDeliveriesHoldingFlagsFieldEvent {
    field: '$.deliveries.deliveries[].holding.flags'
    value: number
    index: number
  }

  export interface SyncResponseDeliveriesDeliveriesVotesFieldEvent {
    field: '$.deliveries.deliveries[].votes[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncResponseAckTakenFieldEvent {
    field: '$.ack.taken[]'
    index: number
    value: number
  }

  export function encode (obj: Partial<SyncResponse>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SyncResponse.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SyncResponse>): SyncResponse {
    return decodeMessage(buf, SyncResponse.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SyncResponse>): Generator<SyncResponseStatusFieldEvent | SyncResponseMoreFieldEvent | SyncResponseHelloScopeFieldEvent | SyncResponseHelloDigestFieldEvent | SyncResponseHelloSigningFieldEvent | SyncResponseHelloSinceFieldEvent | SyncResponseHelloRootFieldEvent | SyncResponseHelloPrunedFieldEvent | SyncResponseHelloNowFieldEvent | SyncResponseHelloMemberVoterFieldEvent | SyncResponseHelloMemberIssuedFieldEvent | SyncResponseHelloMemberExpiresFieldEvent | SyncResponseHelloMemberCountFieldEvent | SyncResponseHelloMemberMarkFieldEvent | SyncResponseHelloMemberSignatureFieldEvent | SyncResponseHelloMemberPeerFieldEvent | SyncResponseHelloYoursVoterFieldEvent | SyncResponseHelloYoursIssuedFieldEvent | SyncResponseHelloYoursExpiresFieldEvent | SyncResponseHelloYoursCountFieldEvent | SyncResponseHelloYoursMarkFieldEvent | SyncResponseHelloYoursSignatureFieldEvent | SyncResponseHelloYoursPeerFieldEvent | SyncResponseDaysDaysDayFieldEvent | SyncResponseDaysDaysDigestFieldEvent | SyncResponseSummariesDaysDayFieldEvent | SyncResponseSummariesDaysSummariesProposalIdFieldEvent | SyncResponseSummariesDaysSummariesDigestFieldEvent | SyncResponseSummariesDaysSummariesEntryFieldEvent | SyncResponseSummariesDaysSummariesFlagsFieldEvent | SyncResponseDeliveriesDeliveriesProposalIdFieldEvent | SyncResponseDeliveriesDeliveriesAnnouncementProposalFieldEvent | SyncResponseDeliveriesDeliveriesAnnouncementSignatureFieldEvent | SyncResponseDeliveriesDeliveriesHoldingHaveFieldEvent | SyncResponseDeliveriesDeliveriesHoldingEntryFieldEvent | SyncResponseDeliveriesDeliveriesHoldingFlagsFieldEvent | SyncResponseDeliveriesDeliveriesVotesFieldEvent | SyncResponseAckTakenFieldEvent> {
    return streamMessage(buf, SyncResponse.codec(), opts)
  }
}

export enum SyncStatus {
  OK = 'OK',
  UNKNOWN_SCOPE = 'UNKNOWN_SCOPE',
  OTHER_POLICY = 'OTHER_POLICY',
  BUSY = 'BUSY',
  UNSUPPORTED = 'UNSUPPORTED'
}

enum __SyncStatusValues {
  OK = 0,
  UNKNOWN_SCOPE = 1,
  OTHER_POLICY = 2,
  BUSY = 3,
  UNSUPPORTED = 4
}

export namespace SyncStatus {
  export const codec = (): Codec<SyncStatus> => {
    return enumeration<SyncStatus>(__SyncStatusValues)
  }
}

export enum GossipSigning {
  UNKNOWN = 'UNKNOWN',
  STRICT_SIGN = 'STRICT_SIGN',
  STRICT_NO_SIGN = 'STRICT_NO_SIGN'
}

enum __GossipSigningValues {
  UNKNOWN = 0,
  STRICT_SIGN = 1,
  STRICT_NO_SIGN = 2
}

export namespace GossipSigning {
  export const codec = (): Codec<GossipSigning> => {
    return enumeration<GossipSigning>(__GossipSigningValues)
  }
}

export interface SyncHello {
  scope: string
  digest: Uint8Array<ArrayBuffer>
  signing: GossipSigning
  since: number
  root: Uint8Array<ArrayBuffer>
  pruned?: number
  now?: bigint
  member?: MemberProof
  yours: MemberProof[]
}

export namespace SyncHello {
  let _codec: Codec<SyncHello>

  export const codec = (): Codec<SyncHello> => {
    if (_codec == null) {
      _codec = message<SyncHello>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.scope != null && obj.scope !== '')) {
          w.uint32(10)
          w.string(obj.scope)
        }

        if ((obj.digest != null && obj.digest.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.digest)
        }

        if (obj.signing != null && __GossipSigningValues[obj.signing] !== 0) {
          w.uint32(24)
          GossipSigning.codec().encode(obj.signing, w)
        }

        if ((obj.since != null && obj.since !== 0)) {
          w.uint32(32)
          w.uint32(obj.since)
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.root)
        }

        if (obj.pruned != null) {
          w.uint32(48)
          w.uint32(obj.pruned)
        }

        if (obj.now != null) {
          w.uint32(56)
          w.uint64(obj.now)
        }

        if (obj.member != null) {
          w.uint32(66)
          MemberProof.codec().encode(obj.member, w)
        }

        if (obj.yours != null && obj.yours.length > 0) {
          for (const value of obj.yours) {
            w.uint32(74)
            MemberProof.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          scope: '',
          digest: uint8ArrayAlloc(0),
          signing: GossipSigning.UNKNOWN,
          since: 0,
          root: uint8ArrayAlloc(0),
          yours: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.scope = reader.string()
              break
            }
            case 2: {
              obj.digest = reader.bytes()
              break
            }
            case 3: {
              obj.signing = GossipSigning.codec().decode(reader)
              break
            }
            case 4: {
              obj.since = reader.uint32()
              break
            }
            case 5: {
              obj.root = reader.bytes()
              break
            }
            case 6: {
              obj.pruned = reader.uint32()
              break
            }
            case 7: {
              obj.now = reader.uint64()
              break
            }
            case 8: {
              obj.member = MemberProof.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.member
              })
              break
            }
            case 9: {
              if (opts.limits?.yours != null && obj.yours.length === opts.limits.yours) {
                throw new MaxLengthError('Decode error - repeated field "yours" had too many elements')
              }

              obj.yours.push(MemberProof.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.yours$
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
          yours: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.scope`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.digest`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signing`,
                value: GossipSigning.codec().decode(reader)
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.since`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.root`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.pruned`,
                value: reader.uint32()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.now`,
                value: reader.uint64()
              }
              break
            }
            case 8: {
              yield * MemberProof.codec().stream(reader, reader.uint32(), `${prefix}.member`, {
                limits: opts.limits?.member
              })

              break
            }
            case 9: {
              if (opts.limits?.yours != null && obj.yours === opts.limits.yours) {
                throw new MaxLengthError('Streaming decode error - repeated field "yours" had too many elements')
              }

              for (const evt of MemberProof.codec().stream(reader, reader.uint32(), `${prefix}.yours[]`, {
                limits: opts.limits?.yours$
              })) {
                yield {
                  ...evt,
                  index: obj.yours
                }
              }

              obj.yours++

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

  export interface SyncHelloScopeFieldEvent {
    field: '$.scope'
    value: string
  }

  export interface SyncHelloDigestFieldEvent {
    field: '$.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncHelloSigningFieldEvent {
    field: '$.signing'
    value: GossipSigning
  }

  export interface SyncHelloSinceFieldEvent {
    field: '$.since'
    value: number
  }

  export interface SyncHelloRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncHelloPrunedFieldEvent {
    field: '$.pruned'
    value: number
  }

  export interface SyncHelloNowFieldEvent {
    field: '$.now'
    value: bigint
  }

  export interface SyncHelloMemberVoterFieldEvent {
    field: '$.member.voter'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncHelloMemberIssuedFieldEvent {
    field: '$.member.issued'
    value: bigint
  }

  export interface SyncHelloMemberExpiresFieldEvent {
    field: '$.member.expires'
    value: bigint
  }

  export interface SyncHelloMemberCountFieldEvent {
    field: '$.member.count'
    value: bigint
  }

  export interface SyncHelloMemberMarkFieldEvent {
    field: '$.member.mark'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncHelloMemberSignatureFieldEvent {
    field: '$.member.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncHelloMemberPeerFieldEvent {
    field: '$.member.peer'
    value: string
  }

  export interface SyncHelloYoursVoterFieldEvent {
    field: '$.yours[].voter'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncHelloYoursIssuedFieldEvent {
    field: '$.yours[].issued'
    value: bigint
    index: number
  }

  export interface SyncHelloYoursExpiresFieldEvent {
    field: '$.yours[].expires'
    value: bigint
    index: number
  }

  export interface SyncHelloYoursCountFieldEvent {
    field: '$.yours[].count'
    value: bigint
    index: number
  }

  export interface SyncHelloYoursMarkFieldEvent {
    field: '$.yours[].mark'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncHelloYoursSignatureFieldEvent {
    field: '$.yours[].signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SyncHelloYoursPeerFieldEvent {
    field: '$.yours[].peer'
    value: string
    index: number
  }

  export function encode (obj: Partial<SyncHello>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SyncHello.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SyncHello>): SyncHello {
    return decodeMessage(buf, SyncHello.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SyncHello>): Generator<SyncHelloScopeFieldEvent | SyncHelloDigestFieldEvent | SyncHelloSigningFieldEvent | SyncHelloSinceFieldEvent | SyncHelloRootFieldEvent | SyncHelloPrunedFieldEvent | SyncHelloNowFieldEvent | SyncHelloMemberVoterFieldEvent | SyncHelloMemberIssuedFieldEvent | SyncHelloMemberExpiresFieldEvent | SyncHelloMemberCountFieldEvent | SyncHelloMemberMarkFieldEvent | SyncHelloMemberSignatureFieldEvent | SyncHelloMemberPeerFieldEvent | SyncHelloYoursVoterFieldEvent | SyncHelloYoursIssuedFieldEvent | SyncHelloYoursExpiresFieldEvent | SyncHelloYoursCountFieldEvent | SyncHelloYoursMarkFieldEvent | SyncHelloYoursSignatureFieldEvent | SyncHelloYoursPeerFieldEvent> {
    return streamMessage(buf, SyncHello.codec(), opts)
  }
}

export interface MemberProof {
  voter: Uint8Array<ArrayBuffer>
  issued: bigint
  expires: bigint
  count: bigint
  mark: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
  peer?: string
}

export namespace MemberProof {
  let _codec: Codec<MemberProof>

  export const codec = (): Codec<MemberProof> => {
    if (_codec == null) {
      _codec = message<MemberProof>((obj, w, opts = {}) => {
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

        if (obj.peer != null) {
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
          signature: uint8ArrayAlloc(0)
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

  export interface MemberProofVoterFieldEvent {
    field: '$.voter'
    value: Uint8Array<ArrayBuffer>
  }

  export interface MemberProofIssuedFieldEvent {
    field: '$.issued'
    value: bigint
  }

  export interface MemberProofExpiresFieldEvent {
    field: '$.expires'
    value: bigint
  }

  export interface MemberProofCountFieldEvent {
    field: '$.count'
    value: bigint
  }

  export interface MemberProofMarkFieldEvent {
    field: '$.mark'
    value: Uint8Array<ArrayBuffer>
  }

  export interface MemberProofSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface MemberProofPeerFieldEvent {
    field: '$.peer'
    value: string
  }

  export function encode (obj: Partial<MemberProof>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MemberProof.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MemberProof>): MemberProof {
    return decodeMessage(buf, MemberProof.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MemberProof>): Generator<MemberProofVoterFieldEvent | MemberProofIssuedFieldEvent | MemberProofExpiresFieldEvent | MemberProofCountFieldEvent | MemberProofMarkFieldEvent | MemberProofSignatureFieldEvent | MemberProofPeerFieldEvent> {
    return streamMessage(buf, MemberProof.codec(), opts)
  }
}

export interface DaysQuery {}

export namespace DaysQuery {
  let _codec: Codec<DaysQuery>

  export const codec = (): Codec<DaysQuery> => {
    if (_codec == null) {
      _codec = message<DaysQuery>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
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

  export function encode (obj: Partial<DaysQuery>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DaysQuery.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DaysQuery>): DaysQuery {
    return decodeMessage(buf, DaysQuery.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DaysQuery>): Generator<{}> {
    return streamMessage(buf, DaysQuery.codec(), opts)
  }
}

export interface DaysPage {
  days: DayDigest[]
}

export namespace DaysPage {
  let _codec: Codec<DaysPage>

  export const codec = (): Codec<DaysPage> => {
    if (_codec == null) {
      _codec = message<DaysPage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.days != null && obj.days.length > 0) {
          for (const value of obj.days) {
            w.uint32(10)
            DayDigest.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          days: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.days != null && obj.days.length === opts.limits.days) {
                throw new MaxLengthError('Decode error - repeated field "days" had too many elements')
              }

              obj.days.push(DayDigest.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.days$
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
          days: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.days != null && obj.days === opts.limits.days) {
                throw new MaxLengthError('Streaming decode error - repeated field "days" had too many elements')
              }

              for (const evt of DayDigest.codec().stream(reader, reader.uint32(), `${prefix}.days[]`, {
                limits: opts.limits?.days$
              })) {
                yield {
                  ...evt,
                  index: obj.days
                }
              }

              obj.days++

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

  export interface DaysPageDaysDayFieldEvent {
    field: '$.days[].day'
    value: number
    index: number
  }

  export interface DaysPageDaysDigestFieldEvent {
    field: '$.days[].digest'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode (obj: Partial<DaysPage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DaysPage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DaysPage>): DaysPage {
    return decodeMessage(buf, DaysPage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DaysPage>): Generator<DaysPageDaysDayFieldEvent | DaysPageDaysDigestFieldEvent> {
    return streamMessage(buf, DaysPage.codec(), opts)
  }
}

export interface DayDigest {
  day: number
  digest: Uint8Array<ArrayBuffer>
}

export namespace DayDigest {
  let _codec: Codec<DayDigest>

  export const codec = (): Codec<DayDigest> => {
    if (_codec == null) {
      _codec = message<DayDigest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.day != null && obj.day !== 0)) {
          w.uint32(8)
          w.uint32(obj.day)
        }

        if ((obj.digest != null && obj.digest.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.digest)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          day: 0,
          digest: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.day = reader.uint32()
              break
            }
            case 2: {
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
                field: `${prefix}.day`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
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

  export interface DayDigestDayFieldEvent {
    field: '$.day'
    value: number
  }

  export interface DayDigestDigestFieldEvent {
    field: '$.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<DayDigest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DayDigest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DayDigest>): DayDigest {
    return decodeMessage(buf, DayDigest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DayDigest>): Generator<DayDigestDayFieldEvent | DayDigestDigestFieldEvent> {
    return streamMessage(buf, DayDigest.codec(), opts)
  }
}

export interface SummariesQuery {
  days: number[]
}

export namespace SummariesQuery {
  let _codec: Codec<SummariesQuery>

  export const codec = (): Codec<SummariesQuery> => {
    if (_codec == null) {
      _codec = message<SummariesQuery>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.days != null && obj.days.length > 0) {
          for (const value of obj.days) {
            w.uint32(8)
            w.uint32(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          days: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.days != null && obj.days.length === opts.limits.days) {
                throw new MaxLengthError('Decode error - repeated field "days" had too many elements')
              }

              obj.days.push(reader.uint32())
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
          days: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.days != null && obj.days === opts.limits.days) {
                throw new MaxLengthError('Streaming decode error - repeated field "days" had too many elements')
              }

              yield {
                field: `${prefix}.days[]`,
                index: obj.days,
                value: reader.uint32()
              }

              obj.days++

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

  export interface SummariesQueryDaysFieldEvent {
    field: '$.days[]'
    index: number
    value: number
  }

  export function encode (obj: Partial<SummariesQuery>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SummariesQuery.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SummariesQuery>): SummariesQuery {
    return decodeMessage(buf, SummariesQuery.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SummariesQuery>): Generator<SummariesQueryDaysFieldEvent> {
    return streamMessage(buf, SummariesQuery.codec(), opts)
  }
}

export interface SummariesPage {
  days: DaySummaries[]
}

export namespace SummariesPage {
  let _codec: Codec<SummariesPage>

  export const codec = (): Codec<SummariesPage> => {
    if (_codec == null) {
      _codec = message<SummariesPage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.days != null && obj.days.length > 0) {
          for (const value of obj.days) {
            w.uint32(10)
            DaySummaries.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          days: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.days != null && obj.days.length === opts.limits.days) {
                throw new MaxLengthError('Decode error - repeated field "days" had too many elements')
              }

              obj.days.push(DaySummaries.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.days$
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
          days: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.days != null && obj.days === opts.limits.days) {
                throw new MaxLengthError('Streaming decode error - repeated field "days" had too many elements')
              }

              for (const evt of DaySummaries.codec().stream(reader, reader.uint32(), `${prefix}.days[]`, {
                limits: opts.limits?.days$
              })) {
                yield {
                  ...evt,
                  index: obj.days
                }
              }

              obj.days++

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

  export interface SummariesPageDaysDayFieldEvent {
    field: '$.days[].day'
    value: number
    index: number
  }

  export interface SummariesPageDaysSummariesProposalIdFieldEvent {
    field: '$.days[].summaries[].proposalId'
    value: number
    index: number
  }

  export interface SummariesPageDaysSummariesDigestFieldEvent {
    field: '$.days[].summaries[].digest'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SummariesPageDaysSummariesEntryFieldEvent {
    field: '$.days[].summaries[].entry'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface SummariesPageDaysSummariesFlagsFieldEvent {
    field: '$.days[].summaries[].flags'
    value: number
    index: number
  }

  export function encode (obj: Partial<SummariesPage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SummariesPage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SummariesPage>): SummariesPage {
    return decodeMessage(buf, SummariesPage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SummariesPage>): Generator<SummariesPageDaysDayFieldEvent | SummariesPageDaysSummariesProposalIdFieldEvent | SummariesPageDaysSummariesDigestFieldEvent | SummariesPageDaysSummariesEntryFieldEvent | SummariesPageDaysSummariesFlagsFieldEvent> {
    return streamMessage(buf, SummariesPage.codec(), opts)
  }
}

export interface DaySummaries {
  day: number
  summaries: Summary[]
}

export namespace DaySummaries {
  let _codec: Codec<DaySummaries>

  export const codec = (): Codec<DaySummaries> => {
    if (_codec == null) {
      _codec = message<DaySummaries>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.day != null && obj.day !== 0)) {
          w.uint32(8)
          w.uint32(obj.day)
        }

        if (obj.summaries != null && obj.summaries.length > 0) {
          for (const value of obj.summaries) {
            w.uint32(18)
            Summary.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          day: 0,
          summaries: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.day = reader.uint32()
              break
            }
            case 2: {
              if (opts.limits?.summaries != null && obj.summaries.length === opts.limits.summaries) {
                throw new MaxLengthError('Decode error - repeated field "summaries" had too many elements')
              }

              obj.summaries.push(Summary.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.summaries$
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
          summaries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.day`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              if (opts.limits?.summaries != null && obj.summaries === opts.limits.summaries) {
                throw new MaxLengthError('Streaming decode error - repeated field "summaries" had too many elements')
              }

              for (const evt of Summary.codec().stream(reader, reader.uint32(), `${prefix}.summaries[]`, {
                limits: opts.limits?.summaries$
              })) {
                yield {
                  ...evt,
                  index: obj.summaries
                }
              }

              obj.summaries++

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

  export interface DaySummariesDayFieldEvent {
    field: '$.day'
    value: number
  }

  export interface DaySummariesSummariesProposalIdFieldEvent {
    field: '$.summaries[].proposalId'
    value: number
    index: number
  }

  export interface DaySummariesSummariesDigestFieldEvent {
    field: '$.summaries[].digest'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DaySummariesSummariesEntryFieldEvent {
    field: '$.summaries[].entry'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface DaySummariesSummariesFlagsFieldEvent {
    field: '$.summaries[].flags'
    value: number
    index: number
  }

  export function encode (obj: Partial<DaySummaries>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DaySummaries.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DaySummaries>): DaySummaries {
    return decodeMessage(buf, DaySummaries.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DaySummaries>): Generator<DaySummariesDayFieldEvent | DaySummariesSummariesProposalIdFieldEvent | DaySummariesSummariesDigestFieldEvent | DaySummariesSummariesEntryFieldEvent | DaySummariesSummariesFlagsFieldEvent> {
    return streamMessage(buf, DaySummaries.codec(), opts)
  }
}

export interface Summary {
  proposalId: number
  digest: Uint8Array<ArrayBuffer>
  entry: Uint8Array<ArrayBuffer>
  flags: number
}

export namespace Summary {
  let _codec: Codec<Summary>

  export const codec = (): Codec<Summary> => {
    if (_codec == null) {
      _codec = message<Summary>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.proposalId != null && obj.proposalId !== 0)) {
          w.uint32(8)
          w.uint32(obj.proposalId)
        }

        if ((obj.digest != null && obj.digest.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.digest)
        }

        if ((obj.entry != null && obj.entry.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.entry)
        }

        if ((obj.flags != null && obj.flags !== 0)) {
          w.uint32(32)
          w.uint32(obj.flags)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          proposalId: 0,
          digest: uint8ArrayAlloc(0),
          entry: uint8ArrayAlloc(0),
          flags: 0
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
              obj.digest = reader.bytes()
              break
            }
            case 3: {
              obj.entry = reader.bytes()
              break
            }
            case 4: {
              obj.flags = reader.uint32()
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
                field: `${prefix}.digest`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.entry`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.flags`,
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

  export interface SummaryProposalIdFieldEvent {
    field: '$.proposalId'
    value: number
  }

  export interface SummaryDigestFieldEvent {
    field: '$.digest'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SummaryEntryFieldEvent {
    field: '$.entry'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SummaryFlagsFieldEvent {
    field: '$.flags'
    value: number
  }

  export function encode (obj: Partial<Summary>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Summary.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Summary>): Summary {
    return decodeMessage(buf, Summary.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Summary>): Generator<SummaryProposalIdFieldEvent | SummaryDigestFieldEvent | SummaryEntryFieldEvent | SummaryFlagsFieldEvent> {
    return streamMessage(buf, Summary.codec(), opts)
  }
}

export interface Pull {
  wants: Want[]
}

export namespace Pull {
  let _codec: Codec<Pull>

  export const codec = (): Codec<Pull> => {
    if (_codec == null) {
      _codec = message<Pull>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.wants != null && obj.wants.length > 0) {
          for (const value of obj.wants) {
            w.uint32(10)
            Want.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          wants: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.wants != null && obj.wants.length === opts.limits.wants) {
                throw new MaxLengthError('Decode error - repeated field "wants" had too many elements')
              }

              obj.wants.push(Want.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.wants$
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
          wants: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.wants != null && obj.wants === opts.limits.wants) {
                throw new MaxLengthError('Streaming decode error - repeated field "wants" had too many elements')
              }

              for (const evt of Want.codec().stream(reader, reader.uint32(), `${prefix}.wants[]`, {
                limits: opts.limits?.wants$
              })) {
                yield {
                  ...evt,
                  index: obj.wants
                }
              }

              obj.wants++

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

  export interface PullWantsProposalIdFieldEvent {
    field: '$.wants[].proposalId'
    value: number
    index: number
  }

  export interface PullWantsAnnouncementFieldEvent {
    field: '$.wants[].announcement'
    value: boolean
    index: number
  }

  export interface PullWantsVotesFieldEvent {
    field: '$.wants[].votes'
    value: boolean
    index: number
  }

  export interface PullWantsHaveFieldEvent {
    field: '$.wants[].have'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode (obj: Partial<Pull>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Pull.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Pull>): Pull {
    return decodeMessage(buf, Pull.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Pull>): Generator<PullWantsProposalIdFieldEvent | PullWantsAnnouncementFieldEvent | PullWantsVotesFieldEvent | PullWantsHaveFieldEvent> {
    return streamMessage(buf, Pull.codec(), opts)
  }
}

export interface Want {
  proposalId: number
  announcement: boolean
  votes: boolean
  have: Uint8Array<ArrayBuffer>
}

export namespace Want {
  let _codec: Codec<Want>

  export const codec = (): Codec<Want> => {
    if (_codec == null) {
      _codec = message<Want>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.proposalId != null && obj.proposalId !== 0)) {
          w.uint32(8)
          w.uint32(obj.proposalId)
        }

        if ((obj.announcement != null && obj.announcement !== false)) {
          w.uint32(16)
          w.bool(obj.announcement)
        }

        if ((obj.votes != null && obj.votes !== false)) {
          w.uint32(24)
          w.bool(obj.votes)
        }

        if ((obj.have != null && obj.have.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.have)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          proposalId: 0,
          announcement: false,
          votes: false,
          have: uint8ArrayAlloc(0)
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
              obj.announcement = reader.bool()
              break
            }
            case 3: {
              obj.votes = reader.bool()
              break
            }
            case 4: {
              obj.have = reader.bytes()
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
                field: `${prefix}.announcement`,
                value: reader.bool()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.votes`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.have`,
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

  export interface WantProposalIdFieldEvent {
    field: '$.proposalId'
    value: number
  }

  export interface WantAnnouncementFieldEvent {
    field: '$.announcement'
    value: boolean
  }

  export interface WantVotesFieldEvent {
    field: '$.votes'
    value: boolean
  }

  export interface WantHaveFieldEvent {
    field: '$.have'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Want>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Want.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Want>): Want {
    return decodeMessage(buf, Want.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Want>): Generator<WantProposalIdFieldEvent | WantAnnouncementFieldEvent | WantVotesFieldEvent | WantHaveFieldEvent> {
    return streamMessage(buf, Want.codec(), opts)
  }
}

export interface Push {
  deliveries: Delivery[]
}

export namespace Push {
  let _codec: Codec<Push>

  export const codec = (): Codec<Push> => {
    if (_codec == null) {
      _codec = message<Push>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.deliveries != null && obj.deliveries.length > 0) {
          for (const value of obj.deliveries) {
            w.uint32(10)
            Delivery.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          deliveries: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.deliveries != null && obj.deliveries.length === opts.limits.deliveries) {
                throw new MaxLengthError('Decode error - repeated field "deliveries" had too many elements')
              }

              obj.deliveries.push(Delivery.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.deliveries$
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
          deliveries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.deliveries != null && obj.deliveries === opts.limits.deliveries) {
                throw new MaxLengthError('Streaming decode error - repeated field "deliveries" had too many elements')
              }

              for (const evt of Delivery.codec().stream(reader, reader.uint32(), `${prefix}.deliveries[]`, {
                limits: opts.limits?.deliveries$
              })) {
                yield {
                  ...evt,
                  index: obj.deliveries
                }
              }

              obj.deliveries++

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

  export interface PushDeliveriesProposalIdFieldEvent {
    field: '$.deliveries[].proposalId'
    value: number
    index: number
  }

  export interface PushDeliveriesAnnouncementProposalFieldEvent {
    field: '$.deliveries[].announcement.proposal'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface PushDeliveriesAnnouncementSignatureFieldEvent {
    field: '$.deliveries[].announcement.signature'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface PushDeliveriesHoldingHaveFieldEvent {
    field: '$.deliveries[].holding.have'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface PushDeliveriesHoldingEntryFieldEvent {
    field: '$.deliveries[].holding.entry'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface PushDeliveriesHoldingFlagsFieldEvent {
    field: '$.deliveries[].holding.flags'
    value: number
    index: number
  }

  export interface PushDeliveriesVotesFieldEvent {
    field: '$.deliveries[].votes[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Push>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Push.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Push>): Push {
    return decodeMessage(buf, Push.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Push>): Generator<PushDeliveriesProposalIdFieldEvent | PushDeliveriesAnnouncementProposalFieldEvent | PushDeliveriesAnnouncementSignatureFieldEvent | PushDeliveriesHoldingHaveFieldEvent | PushDeliveriesHoldingEntryFieldEvent | PushDeliveriesHoldingFlagsFieldEvent | PushDeliveriesVotesFieldEvent> {
    return streamMessage(buf, Push.codec(), opts)
  }
}

export interface Delivery {
  proposalId: number
  announcement?: SyncAnnouncement
  holding?: Holding
  votes: Uint8Array<ArrayBuffer>[]
}

export namespace Delivery {
  let _codec: Codec<Delivery>

  export const codec = (): Codec<Delivery> => {
    if (_codec == null) {
      _codec = message<Delivery>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.proposalId != null && obj.proposalId !== 0)) {
          w.uint32(8)
          w.uint32(obj.proposalId)
        }

        if (obj.announcement != null) {
          w.uint32(18)
          SyncAnnouncement.codec().encode(obj.announcement, w)
        }

        if (obj.holding != null) {
          w.uint32(26)
          Holding.codec().encode(obj.holding, w)
        }

        if (obj.votes != null && obj.votes.length > 0) {
          for (const value of obj.votes) {
            w.uint32(34)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          proposalId: 0,
          votes: []
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
              obj.announcement = SyncAnnouncement.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.announcement
              })
              break
            }
            case 3: {
              obj.holding = Holding.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.holding
              })
              break
            }
            case 4: {
              if (opts.limits?.votes != null && obj.votes.length === opts.limits.votes) {
                throw new MaxLengthError('Decode error - repeated field "votes" had too many elements')
              }

              obj.votes.push(reader.bytes())
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
              yield {
                field: `${prefix}.proposalId`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield * SyncAnnouncement.codec().stream(reader, reader.uint32(), `${prefix}.announcement`, {
                limits: opts.limits?.announcement
              })

              break
            }
            case 3: {
              yield * Holding.codec().stream(reader, reader.uint32(), `${prefix}.holding`, {
                limits: opts.limits?.holding
              })

              break
            }
            case 4: {
              if (opts.limits?.votes != null && obj.votes === opts.limits.votes) {
                throw new MaxLengthError('Streaming decode error - repeated field "votes" had too many elements')
              }

              yield {
                field: `${prefix}.votes[]`,
                index: obj.votes,
                value: reader.bytes()
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

  export interface DeliveryProposalIdFieldEvent {
    field: '$.proposalId'
    value: number
  }

  export interface DeliveryAnnouncementProposalFieldEvent {
    field: '$.announcement.proposal'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DeliveryAnnouncementSignatureFieldEvent {
    field: '$.announcement.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DeliveryHoldingHaveFieldEvent {
    field: '$.holding.have'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DeliveryHoldingEntryFieldEvent {
    field: '$.holding.entry'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DeliveryHoldingFlagsFieldEvent {
    field: '$.holding.flags'
    value: number
  }

  export interface DeliveryVotesFieldEvent {
    field: '$.votes[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Delivery>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Delivery.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Delivery>): Delivery {
    return decodeMessage(buf, Delivery.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Delivery>): Generator<DeliveryProposalIdFieldEvent | DeliveryAnnouncementProposalFieldEvent | DeliveryAnnouncementSignatureFieldEvent | DeliveryHoldingHaveFieldEvent | DeliveryHoldingEntryFieldEvent | DeliveryHoldingFlagsFieldEvent | DeliveryVotesFieldEvent> {
    return streamMessage(buf, Delivery.codec(), opts)
  }
}

export interface SyncAnnouncement {
  proposal: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
}

export namespace SyncAnnouncement {
  let _codec: Codec<SyncAnnouncement>

  export const codec = (): Codec<SyncAnnouncement> => {
    if (_codec == null) {
      _codec = message<SyncAnnouncement>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.proposal != null && obj.proposal.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.proposal)
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
          proposal: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
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

  export interface SyncAnnouncementProposalFieldEvent {
    field: '$.proposal'
    value: Uint8Array<ArrayBuffer>
  }

  export interface SyncAnnouncementSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<SyncAnnouncement>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SyncAnnouncement.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SyncAnnouncement>): SyncAnnouncement {
    return decodeMessage(buf, SyncAnnouncement.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SyncAnnouncement>): Generator<SyncAnnouncementProposalFieldEvent | SyncAnnouncementSignatureFieldEvent> {
    return streamMessage(buf, SyncAnnouncement.codec(), opts)
  }
}

export interface Holding {
  have: Uint8Array<ArrayBuffer>
  entry: Uint8Array<ArrayBuffer>
  flags: number
}

export namespace Holding {
  let _codec: Codec<Holding>

  export const codec = (): Codec<Holding> => {
    if (_codec == null) {
      _codec = message<Holding>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.have != null && obj.have.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.have)
        }

        if ((obj.entry != null && obj.entry.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.entry)
        }

        if ((obj.flags != null && obj.flags !== 0)) {
          w.uint32(24)
          w.uint32(obj.flags)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          have: uint8ArrayAlloc(0),
          entry: uint8ArrayAlloc(0),
          flags: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.have = reader.bytes()
              break
            }
            case 2: {
              obj.entry = reader.bytes()
              break
            }
            case 3: {
              obj.flags = reader.uint32()
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
                field: `${prefix}.have`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.entry`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.flags`,
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

  export interface HoldingHaveFieldEvent {
    field: '$.have'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HoldingEntryFieldEvent {
    field: '$.entry'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HoldingFlagsFieldEvent {
    field: '$.flags'
    value: number
  }

  export function encode (obj: Partial<Holding>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Holding.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Holding>): Holding {
    return decodeMessage(buf, Holding.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Holding>): Generator<HoldingHaveFieldEvent | HoldingEntryFieldEvent | HoldingFlagsFieldEvent> {
    return streamMessage(buf, Holding.codec(), opts)
  }
}

export interface Ack {
  taken: number[]
}

export namespace Ack {
  let _codec: Codec<Ack>

  export const codec = (): Codec<Ack> => {
    if (_codec == null) {
      _codec = message<Ack>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.taken != null && obj.taken.length > 0) {
          for (const value of obj.taken) {
            w.uint32(8)
            w.uint32(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          taken: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.taken != null && obj.taken.length === opts.limits.taken) {
                throw new MaxLengthError('Decode error - repeated field "taken" had too many elements')
              }

              obj.taken.push(reader.uint32())
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
          taken: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.taken != null && obj.taken === opts.limits.taken) {
                throw new MaxLengthError('Streaming decode error - repeated field "taken" had too many elements')
              }

              yield {
                field: `${prefix}.taken[]`,
                index: obj.taken,
                value: reader.uint32()
              }

              obj.taken++

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

  export interface AckTakenFieldEvent {
    field: '$.taken[]'
    index: number
    value: number
  }

  export function encode (obj: Partial<Ack>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Ack.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ack>): Ack {
    return decodeMessage(buf, Ack.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Ack>): Generator<AckTakenFieldEvent> {
    return streamMessage(buf, Ack.codec(), opts)
  }
}

export interface NextPage {
  of: PageKind
}

export namespace NextPage {
  let _codec: Codec<NextPage>

  export const codec = (): Codec<NextPage> => {
    if (_codec == null) {
      _codec = message<NextPage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.of != null && __PageKindValues[obj.of] !== 0) {
          w.uint32(8)
          PageKind.codec().encode(obj.of, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          of: PageKind.LISTING
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.of = PageKind.codec().decode(reader)
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
                field: `${prefix}.of`,
                value: PageKind.codec().decode(reader)
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

  export interface NextPageOfFieldEvent {
    field: '$.of'
    value: PageKind
  }

  export function encode (obj: Partial<NextPage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, NextPage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<NextPage>): NextPage {
    return decodeMessage(buf, NextPage.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<NextPage>): Generator<NextPageOfFieldEvent> {
    return streamMessage(buf, NextPage.codec(), opts)
  }
}

export enum PageKind {
  LISTING = 'LISTING',
  DELIVERIES = 'DELIVERIES'
}

enum __PageKindValues {
  LISTING = 0,
  DELIVERIES = 1
}

export namespace PageKind {
  export const codec = (): Codec<PageKind> => {
    return enumeration<PageKind>(__PageKindValues)
  }
}
