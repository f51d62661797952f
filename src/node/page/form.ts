/**
 * What the form for proposals holds, and what of it is wrong where.
 */

import { ApiProblemError } from '../../client/errors.ts'
import { textToHex } from './payload.ts'
import type { ProposeRequest } from '../../client/types.ts'

/** How the payload is given */
export type PayloadForm = 'none' | 'text' | 'json' | 'hex'

export interface FormValues {
  name: string
  payloadForm: PayloadForm
  payload: string
  /** A number, as it was typed */
  time: string
  /** Seconds */
  unit: number
  livenessCriteriaYes: boolean
  /** A number, as it was typed; only in open scopes */
  voters: string
}

export type Field = 'name' | 'payload' | 'timeoutSeconds' | 'livenessCriteriaYes' | 'expectedVotersCount'

/** Messages by the field they are about; `form` for those about none of them */
export type FormErrors = Partial<Record<Field | 'form', string>>

const FIELDS: Field[] = ['name', 'payload', 'timeoutSeconds', 'livenessCriteriaYes', 'expectedVotersCount']

export const UNITS: Array<[name: string, seconds: number]> = [['seconds', 1], ['minutes', 60], ['hours', 3_600], ['days', 86_400]]

/** A number of seconds in the largest unit that it is whole in */
export function toUnit (seconds: number): Pick<FormValues, 'time' | 'unit'> {
  const unit = UNITS.findLast(([, length]) => seconds % length === 0)?.[1] ?? 1

  return { time: `${seconds / unit}`, unit }
}

/** What is asked of the node, or what cannot be asked of it. What the policy allows is for the node to say. */
export function toRequest ({ name, payloadForm, payload, time, unit, livenessCriteriaYes, voters }: FormValues, { open, sideIsOpen }: { open: boolean, sideIsOpen: boolean }): { request: ProposeRequest } | { errors: FormErrors } {
  const errors: FormErrors = {}

  if (!/^\d{1,9}(\.\d{1,6})?$/.test(time.trim())) {
    errors.timeoutSeconds = `must be a number, got “${time}”`
  }

  if (open && !/^\d{1,9}$/.test(voters.trim())) {
    errors.expectedVotersCount = voters.trim() === '' ? 'is needed: say how many are to vote' : `must be a whole number, got “${voters}”`
  }

  if (payloadForm === 'json') {
    errors.payload = jsonProblem(payload)
  }

  if (payloadForm === 'hex' && !/^(0x)?([0-9a-f]{2})*$/i.test(withoutSpaces(payload))) {
    errors.payload = 'must be an even number of hex digits, 0 to 9 and a to f'
  }

  if (Object.values(errors).some(message => message != null)) {
    return { errors }
  }

  return {
    request: {
      name,
      payload: toHex(payloadForm, payload),
      timeoutSeconds: Math.round(Number(time) * unit),
      ...(sideIsOpen ? { livenessCriteriaYes } : {}),
      ...(open ? { expectedVotersCount: Number(voters) } : {})
    }
  }
}

/** What the node found wrong, at the fields where it is */
export function toFormErrors (err: Error): FormErrors {
  if (!(err instanceof ApiProblemError)) {
    return { form: err.message }
  }

  const errors: FormErrors = {}

  for (const { field, message } of err.problem.errors ?? fromDetail(err.message)) {
    const known = FIELDS.find(name => name === field)

    errors[known ?? 'form'] = known == null ? `${field}: ${message}` : message
  }

  return Object.keys(errors).length === 0 ? { form: err.message } : errors
}

/** A rule of the scope that is broken names its field first */
function fromDetail (detail: string): Array<{ field: string, message: string }> {
  const [, name, message] = /(?:^|: )(name|payload|the timeout|timeoutSeconds|livenessCriteriaYes|expectedVotersCount) ((?:must|is) .*)$/s.exec(detail) ?? []

  return name == null ? [] : [{ field: name === 'the timeout' ? 'timeoutSeconds' : name, message }]
}

function jsonProblem (text: string): string | undefined {
  try {
    JSON.parse(text)
  } catch (err: any) {
    return `must be JSON: ${err.message}`
  }
}

function toHex (form: PayloadForm, payload: string): string | undefined {
  switch (form) {
    case 'none': return
    case 'hex': return `0x${withoutSpaces(payload).replace(/^0x/i, '')}`
    default: return textToHex(payload)
  }
}

function withoutSpaces (text: string): string {
  return text.replaceAll(/\s/g, '')
}
