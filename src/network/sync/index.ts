export { Sync } from './sync.ts'
export type { SyncComponents, SyncInit, SyncStats, SyncTimes } from './sync.ts'
export type { IntakeResult, SyncIntake } from './intake.ts'
