import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Certificate {
  policy: Uint8Array<ArrayBuffer>
  proposal: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
  votes: Uint8Array<ArrayBuffer>[]
}

export namespace Certificate {
  let _codec: Codec<Certificate>

  export const codec = (): Codec<Certificate> => {
    if (_codec == null) {
      _codec = message<Certificate>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.policy != null && obj.policy.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.policy)
        }

        if ((obj.proposal != null && obj.proposal.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.proposal)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.signature)
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
          policy: uint8ArrayAlloc(0),
          proposal: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0),
          votes: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.policy = reader.bytes()
              break
            }
            case 2: {
              obj.proposal = reader.bytes()
              break
            }
            case 3: {
              obj.signature = reader.bytes()
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
                field: `${prefix}.policy`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.proposal`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.signature`,
                value: reader.bytes()
              }
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

  export interface CertificatePolicyFieldEvent {
    field: '$.policy'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CertificateProposalFieldEvent {
    field: '$.proposal'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CertificateSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CertificateVotesFieldEvent {
    field: '$.votes[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Certificate>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Certificate.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Certificate>): Certificate {
    return decodeMessage(buf, Certificate.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Certificate>): Generator<CertificatePolicyFieldEvent | CertificateProposalFieldEvent | CertificateSignatureFieldEvent | CertificateVotesFieldEvent> {
    return streamMessage(buf, Certificate.codec(), opts)
  }
}

export interface EvidenceProof {
  policy: Uint8Array<ArrayBuffer>
  proposal: Uint8Array<ArrayBuffer>
  first: Uint8Array<ArrayBuffer>
  second: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
}

export namespace EvidenceProof {
  let _codec: Codec<EvidenceProof>

  export const codec = (): Codec<EvidenceProof> => {
    if (_codec == null) {
      _codec = message<EvidenceProof>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.policy != null && obj.policy.byteLength > 0)) {
          w.uint32(90)
          w.bytes(obj.policy)
        }

        if ((obj.proposal != null && obj.proposal.byteLength > 0)) {
          w.uint32(98)
          w.bytes(obj.proposal)
        }

        if ((obj.first != null && obj.first.byteLength > 0)) {
          w.uint32(106)
          w.bytes(obj.first)
        }

        if ((obj.second != null && obj.second.byteLength > 0)) {
          w.uint32(114)
          w.bytes(obj.second)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(122)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          policy: uint8ArrayAlloc(0),
          proposal: uint8ArrayAlloc(0),
          first: uint8ArrayAlloc(0),
          second: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 11: {
              obj.policy = reader.bytes()
              break
            }
            case 12: {
              obj.proposal = reader.bytes()
              break
            }
            case 13: {
              obj.first = reader.bytes()
              break
            }
            case 14: {
              obj.second = reader.bytes()
              break
            }
            case 15: {
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
            case 11: {
              yield {
                field: `${prefix}.policy`,
                value: reader.bytes()
              }
              break
            }
            case 12: {
              yield {
                field: `${prefix}.proposal`,
                value: reader.bytes()
              }
              break
            }
            case 13: {
              yield {
                field: `${prefix}.first`,
                value: reader.bytes()
              }
              break
            }
            case 14: {
              yield {
                field: `${prefix}.second`,
                value: reader.bytes()
              }
              break
            }
            case 15: {
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

  export interface EvidenceProofPolicyFieldEvent {
    field: '$.policy'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceProofProposalFieldEvent {
    field: '$.proposal'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceProofFirstFieldEvent {
    field: '$.first'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceProofSecondFieldEvent {
    field: '$.second'
    value: Uint8Array<ArrayBuffer>
  }

  export interface EvidenceProofSignatureFieldEvent {
    field: '$.signature'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<EvidenceProof>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, EvidenceProof.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EvidenceProof>): EvidenceProof {
    return decodeMessage(buf, EvidenceProof.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<EvidenceProof>): Generator<EvidenceProofPolicyFieldEvent | EvidenceProofProposalFieldEvent | EvidenceProofFirstFieldEvent | EvidenceProofSecondFieldEvent | EvidenceProofSignatureFieldEvent> {
    return streamMessage(buf, EvidenceProof.codec(), opts)
  }
}
