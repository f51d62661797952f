export { Sync } from './sync.ts'
export type { SyncInit, SyncStats } from './sync.ts'
export type { IntakeResult, SyncIntake } from './intake.ts'
