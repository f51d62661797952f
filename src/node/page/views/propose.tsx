import { useEffect, useRef, useState } from 'preact/hooks'
import { describeSilence } from '../../../client/on-silence.ts'
import { UNITS, toFormErrors, toRequest, toUnit } from '../form.ts'
import { formatDuration } from '../format.ts'
import { client } from '../node.ts'
import { Field } from '../parts/field.tsx'
import { Notice } from '../parts/notice.tsx'
import { Stranger } from '../parts/text.tsx'
import { toProposal } from '../route.ts'
import type { ScopeInfo, StatusInfo } from '../../../client/types.ts'
import type { FormErrors, FormValues, PayloadForm } from '../form.ts'
import type { JSX } from 'preact'

const PAYLOAD_FORMS: Array<[PayloadForm, string]> = [['none', 'None'], ['text', 'Text'], ['json', 'JSON'], ['hex', 'Bytes, in hex']]

/** Bytes of UTF-8 a name may have */
const MAX_NAME_LENGTH = 256

/** Asks a question in one of the scopes */
export function Propose ({ status, scope: wanted }: { status: StatusInfo, scope?: string }): JSX.Element {
  const scopes = status.scopes.filter(({ mayPropose }) => mayPropose)
  const [chosen, choose] = useState(wanted)
  const scope = scopes.find(({ name }) => name === chosen) ?? scopes[0]

  return (
    <>
      <h1>Make a proposal</h1>
      {scope == null
        ? <Notice title='This node may not propose anywhere'>It is in no scope whose policy lets its key, {status.voter}, propose.</Notice>
        : (
          <section class='card' aria-label='Proposal'>
            <Field id='scope' label='Scope' hint={<>{scope.open ? 'Open: anyone may vote' : `${scope.policy.voters?.length} voters`}; {describeSilence(scope.policy).text}</>}>
              {wiring => <select {...wiring} value={scope.name} onChange={({ currentTarget }) => { choose(currentTarget.value) }}>{scopes.map(({ name }) => <option key={name} value={name}>{name}</option>)}</select>}
            </Field>
            <Form key={scope.name} scope={scope} />
          </section>
          )}
    </>
  )
}

function Form ({ scope }: { scope: ScopeInfo }): JSX.Element {
  const { name, open, policy } = scope
  const [values, setValues] = useState<FormValues>({ name: '', payloadForm: 'none', payload: '', ...toUnit(policy.defaultTimeoutSeconds), livenessCriteriaYes: true, voters: '' })
  const [errors, setErrors] = useState<FormErrors>({})
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const sideIsOpen = describeSilence(policy).proposerChooses
  // by the crate's rules silence counts, whatever nodes vote before
  const votes = policy.decisionRule === 'quorum'
  const set = (change: Partial<FormValues>): void => { setValues(values => ({ ...values, ...change })) }

  // to the first field that is wrong
  useEffect(() => { form.current?.querySelector<HTMLElement>('[aria-invalid], [role=alert]')?.focus() }, [errors])

  const submit = async (): Promise<void> => {
    const result = toRequest(values, { open, sideIsOpen })

    if ('errors' in result) {
      setErrors(result.errors)

      return
    }

    setBusy(true)

    try {
      const { proposalId } = await client.propose(name, result.request)

      location.hash = toProposal(name, proposalId)
    } catch (err: any) {
      setErrors(toFormErrors(err))
      setBusy(false)
    }
  }

  return (
    <form
      ref={form}
      noValidate
      onSubmit={event => {
        event.preventDefault()
        void submit()
      }}
    >
      {errors.form != null && <div role='alert' tabIndex={-1}><Notice tone='alarm' title='Nothing was proposed'><Stranger text={errors.form} lines /></Notice></div>}
      <Field id='name' label='Question' error={errors.name} hint={`It is answered by yes or no. ${bytesLeft(values.name)}`}>
        {wiring => <input {...wiring} type='text' autocomplete='off' value={values.name} onInput={({ currentTarget }) => { set({ name: currentTarget.value }) }} />}
      </Field>
      <PayloadFields values={values} errors={errors} set={set} />
      <Field id='time' label='Time to vote' error={errors.timeoutSeconds} hint={`At least ${formatDuration(Math.max(1, policy.minLifetimeSeconds))}, at most 30 days.`}>
        {wiring => (
          <div class='pair'>
            <input {...wiring} type='text' inputMode='decimal' autocomplete='off' value={values.time} onInput={({ currentTarget }) => { set({ time: currentTarget.value }) }} />
            <select aria-label='Unit of the time to vote' value={values.unit} onChange={({ currentTarget }) => { set({ unit: Number(currentTarget.value) }) }}>{UNITS.map(([unit, seconds]) => <option key={unit} value={seconds}>{unit}</option>)}</select>
          </div>
        )}
      </Field>
      {open && (
        <Field id='voters' label='Expected voters' error={errors.expectedVotersCount} hint='The scope is open and lists none: say how many are to vote.'>
          {wiring => <input {...wiring} type='text' inputMode='numeric' autocomplete='off' value={values.voters} onInput={({ currentTarget }) => { set({ voters: currentTarget.value }) }} />}
        </Field>
      )}
      {sideIsOpen && (
        <Field id='silence' label='If voters stay silent' error={errors.livenessCriteriaYes} hint={votes ? 'What the node of a voter who has not voted votes automatically, shortly before the deadline.' : 'How the silent count at the deadline.'}>
          {wiring => (
            <select {...wiring} value={`${values.livenessCriteriaYes}`} onChange={({ currentTarget }) => { set({ livenessCriteriaYes: currentTarget.value === 'true' }) }}>
              <option value='true'>{votes ? 'their nodes vote yes' : 'they count as yes'}</option>
              <option value='false'>{votes ? 'their nodes vote no' : 'they count as no'}</option>
            </select>
          )}
        </Field>
      )}
      <button type='submit' class='primary' aria-busy={busy} disabled={busy}>Propose</button>
      <p class='hint'>It is signed by this node and sent to all members at once. It cannot be changed or taken back.</p>
    </form>
  )
}

interface PayloadFieldsProps {
  values: FormValues
  errors: FormErrors
  set (change: Partial<FormValues>): void
}

function PayloadFields ({ values: { payloadForm, payload }, errors, set }: PayloadFieldsProps): JSX.Element {
  return (
    <>
      <Field id='payload-form' label='Payload' hint={payloadForm === 'none' ? 'What exactly is decided, if the question does not say it all.' : undefined} error={payloadForm === 'none' ? errors.payload : undefined}>
        {wiring => <select {...wiring} value={payloadForm} onChange={({ currentTarget }) => { set({ payloadForm: currentTarget.value as PayloadForm }) }}>{PAYLOAD_FORMS.map(([form, label]) => <option key={form} value={form}>{label}</option>)}</select>}
      </Field>
      {payloadForm !== 'none' && (
        <Field id='payload' label='Content of the payload' error={errors.payload} hint='At most 32 KiB. Members are shown it as it is.'>
          {wiring => <textarea {...wiring} rows={6} spellcheck={false} value={payload} onInput={({ currentTarget }) => { set({ payload: currentTarget.value }) }} />}
        </Field>
      )}
    </>
  )
}

function bytesLeft (name: string): string {
  const left = MAX_NAME_LENGTH - new TextEncoder().encode(name).byteLength

  return left >= 0 ? `${left} bytes are left.` : `It is ${-left} bytes too long.`
}
