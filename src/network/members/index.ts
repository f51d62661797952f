export { Members } from './registry.ts'
export type { Member, MembersInit, ProvenPeer } from './registry.ts'
