import { pause } from '../util/pause.ts'
import { ApiProblemError, NodeUnreachableError, UnexpectedAnswerError } from './errors.ts'
import { followEvents } from './follow.ts'
import type { EventsOptions } from './follow.ts'
import type { Choice, EvidenceInfo, HealthInfo, IdInfo, ImportedProofInfo, JoinRequest, LinkInfo, NodeEvent, Page, PeerInfo, Problem, ProposalInfo, ProposalStateName, ProposalSummary, ProposeRequest, ScopeInfo, ScopeSettingsRequest, StatusInfo, VoteInfo } from './types.ts'

const second = 1_000

export interface ClientInit {
  /** Where the control API answers: `http://127.0.0.1:…`; empty on the node's own page */
  url: string
  /** Content of `api.token` in the node's data directory; none on the node's own page, which has a cookie */
  token?: string
  /**
   * Finds out where the node answers now. Asked for while {@link VotingClient.events} connects again: a node that was started again
   * has another token, and may have another address. Undefined, for instance while it is not there, changes nothing.
   */
  locate? (): Promise<{ url: string, token?: string } | undefined>
}

export interface CallOptions {
  signal?: AbortSignal
}

export interface ListOptions extends CallOptions {
  state?: ProposalStateName
  /** Which are given first: those the node learned of first, by default, or last */
  order?: 'oldest' | 'newest'
  /** Only those with all of these words in their name, in any case of letters, or whose id or proposer's address begins so */
  search?: string
  /** Items a page, 1 to 100. A page may hold fewer than that, or none, though there are more. */
  limit?: number
  /** From the page before */
  cursor?: string
}

export interface EvidenceListOptions extends CallOptions {
  /** Only on this proposal */
  proposalId?: number
  /** Items a page, 1 to 100 */
  limit?: number
  /** From the page before */
  cursor?: string
}

/**
 * Drives a node through its control API. All methods throw ApiProblemError if the node refuses, NodeUnreachableError if
 * it does not answer.
 */
export class VotingClient {
  private url: string
  private token?: string
  private readonly locate?: ClientInit['locate']

  constructor ({ url, token, locate }: ClientInit) {
    this.url = withoutSlash(url)
    this.token = token
    this.locate = locate
  }

  async id (options?: CallOptions): Promise<IdInfo> {
    return this.get('/id', options)
  }

  async status (options?: CallOptions): Promise<StatusInfo> {
    return this.get('/status', options)
  }

  /** The peers that are connected */
  async peers (options?: CallOptions): Promise<PeerInfo[]> {
    return (await this.get<Page<PeerInfo>>('/peers', options)).items
  }

  /** Whether the node can take votes and proposals. Needs no token. */
  async health (options?: CallOptions): Promise<HealthInfo> {
    const response = await this.send('GET', '/health/ready', undefined, options)

    // that it is not ready is an answer, too
    if (!response.ok && response.status !== 503) {
      throw await this.problem(response)
    }

    return await this.json(response) as HealthInfo
  }

  /** What the node measures, in the text format of Prometheus */
  async metrics (options?: CallOptions): Promise<string> {
    return (await this.request('GET', '/metrics', undefined, options)).text()
  }

  /** A link that lets a browser on the node's machine in, once, and opens the node's page */
  async createLink (options?: CallOptions): Promise<LinkInfo> {
    return this.call('POST', '/links', undefined, options)
  }

  async scopes (options?: CallOptions): Promise<ScopeInfo[]> {
    return (await this.get<Page<ScopeInfo>>('/scopes', options)).items
  }

  async scope (name: string, options?: CallOptions): Promise<ScopeInfo> {
    return this.get(scopePath(name), options)
  }

  async join (request: JoinRequest, options?: CallOptions): Promise<ScopeInfo> {
    return this.call('POST', '/scopes', request, options)
  }

  /** Changes what the node does with a scope by itself */
  async configure (name: string, settings: ScopeSettingsRequest, options?: CallOptions): Promise<ScopeInfo> {
    return this.call('PATCH', scopePath(name), settings, options)
  }

  async leave (name: string, options?: CallOptions): Promise<void> {
    await this.call('DELETE', scopePath(name), undefined, options)
  }

  async propose (scope: string, request: ProposeRequest, options?: CallOptions): Promise<ProposalInfo> {
    return this.call('POST', `${scopePath(scope)}/proposals`, request, options)
  }

  /** One page; see {@link VotingClient.allProposals} */
  async proposals (scope: string, { signal, ...query }: ListOptions = {}): Promise<Page<ProposalSummary>> {
    return this.get(`${scopePath(scope)}/proposals?${toParameters(query)}`, { signal })
  }

  /** All proposals of a scope, in the order the node learned of them */
  async * allProposals (scope: string, options?: Omit<ListOptions, 'cursor'>): AsyncGenerator<ProposalSummary> {
    for await (const proposals of this.proposalPages(scope, options)) {
      yield * proposals
    }
  }

  /** As {@link VotingClient.allProposals}, page by page */
  async * proposalPages (scope: string, options: Omit<ListOptions, 'cursor'> = {}): AsyncGenerator<ProposalSummary[]> {
    let cursor: string | undefined

    do {
      const page = await this.proposals(scope, { ...options, cursor })

      yield page.items
      cursor = page.cursor
    } while (cursor != null)
  }

  async proposal (scope: string, proposalId: number, options?: CallOptions): Promise<ProposalInfo> {
    return this.get(proposalPath(scope, proposalId), options)
  }

  /** With `force` as {@link VoteRequest} says */
  async vote (scope: string, proposalId: number, choice: Choice, { force, ...options }: CallOptions & { force?: boolean } = {}): Promise<VoteInfo> {
    return this.call('POST', `${proposalPath(scope, proposalId)}/votes`, { choice, force }, options)
  }

  /** Waits until the proposal has ended, for as long as it takes */
  async decision (scope: string, proposalId: number, options?: CallOptions): Promise<ProposalInfo> {
    for (;;) {
      const proposal = await this.get<ProposalInfo>(`${proposalPath(scope, proposalId)}/decision`, options)

      if (proposal.state !== 'active') {
        return proposal
      }
    }
  }

  /** The certificate of a decided proposal, a file that anybody can verify: see `verifyCertificate` of `libp2p-voting/consensus` */
  async certificate (scope: string, proposalId: number, options?: CallOptions): Promise<Uint8Array> {
    return this.bytes(`${proposalPath(scope, proposalId)}/certificate`, options)
  }

  /** Who has voted both ways, one page; see {@link VotingClient.allEvidence} */
  async evidence (scope: string, { signal, ...query }: EvidenceListOptions = {}): Promise<Page<EvidenceInfo>> {
    return this.get(`${scopePath(scope)}/evidence?${toParameters(query)}`, { signal })
  }

  /** Who has voted both ways, by ascending proposal id and address */
  async * allEvidence (scope: string, options: Omit<EvidenceListOptions, 'cursor'> = {}): AsyncGenerator<EvidenceInfo> {
    let cursor: string | undefined

    do {
      const page = await this.evidence(scope, { ...options, cursor })

      yield * page.items
      cursor = page.cursor
    } while (cursor != null)
  }

  /** The evidence against a voter, a file that anybody can verify: see `verifyEvidenceProof` of `libp2p-voting/consensus` */
  async evidenceProof (scope: string, proposalId: number, voter: string, options?: CallOptions): Promise<Uint8Array> {
    return this.bytes(`${proposalPath(scope, proposalId)}/evidence/${encodeURIComponent(voter)}`, options)
  }

  /** Gives the node a certificate or an evidence file, which it verifies */
  async importProof (bytes: Uint8Array, options?: CallOptions): Promise<ImportedProofInfo> {
    return this.call('POST', '/proofs', bytes, options)
  }

  /**
   * What happens at the node, from now on, until the signal. When the connection breaks off, or the node stops, it connects again
   * as soon as it can, and goes on where it was: nothing is missed, and nothing given twice. An event `reset` says that the node
   * cannot tell any more what came before, for instance since it was started again: read again what matters then.
   *
   * @throws {ApiProblemError} if the node refuses, also when it was started again and `locate` is not there to find its new token
   */
  events (options: EventsOptions = {}): AsyncGenerator<NodeEvent> {
    return followEvents({
      open: async (lastEventId, signal) => {
        const { body } = await this.request('GET', '/events', undefined, { signal }, lastEventId == null ? {} : { 'last-event-id': lastEventId })

        if (body == null) {
          throw new UnexpectedAnswerError('The node sent no events')
        }

        return body
      },
      locate: async () => {
        const found = await this.locate?.()

        if (found != null) {
          this.url = withoutSlash(found.url)
          this.token = found.token
        }
      },
      // a token that is refused, or another program, is what is met where the node was until it is found again
      passes: err => err instanceof NodeUnreachableError || (err instanceof ApiProblemError && err.status === 503) ||
        (this.locate != null && (err instanceof UnexpectedAnswerError || (err instanceof ApiProblemError && err.status === 401))),
      broken: cause => new NodeUnreachableError(`The connection to the node at ${this.url} broke off`, { cause })
    }, options)
  }

  private async get <T> (path: string, options?: CallOptions): Promise<T> {
    return this.call('GET', path, undefined, options)
  }

  private async bytes (path: string, options?: CallOptions): Promise<Uint8Array> {
    const response = await this.request('GET', path, undefined, options)

    return new Uint8Array(await response.arrayBuffer())
  }

  private async call <T> (method: string, path: string, body?: unknown, options?: CallOptions): Promise<T> {
    const response = await this.request(method, path, body, options)

    return (response.status === 204 ? undefined : await this.json(response)) as T
  }

  /** The answer of success. Waits where the node says that there are too many requests. */
  private async request (method: string, path: string, body?: unknown, options: CallOptions = {}, headers?: Record<string, string>): Promise<Response> {
    for (;;) {
      const response = await this.send(method, path, body, options, headers)

      if (response.ok) {
        return response
      }

      if (response.status !== 429) {
        throw await this.problem(response)
      }

      await response.body?.cancel()
      await pause(Number(response.headers.get('retry-after') ?? 1) * second, options.signal)
    }
  }

  private async send (method: string, path: string, body?: unknown, { signal }: CallOptions = {}, headers: Record<string, string> = {}): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        signal,
        headers: {
          ...(this.token == null ? {} : { authorization: `Bearer ${this.token}` }),
          ...(body === undefined ? {} : { 'content-type': body instanceof Uint8Array ? 'application/octet-stream' : 'application/json' }),
          ...headers
        },
        body: body === undefined || body instanceof Uint8Array ? body as Uint8Array<ArrayBuffer> | undefined : JSON.stringify(body)
      })
    } catch (err) {
      throw signal?.aborted === true ? err : new NodeUnreachableError(`No node answers at ${this.url}`, { cause: err })
    }
  }

  private async problem (response: Response): Promise<Error> {
    const problem = await this.json(response) as Partial<Problem>

    return typeof problem.detail === 'string' && typeof problem.type === 'string'
      ? new ApiProblemError(problem as Problem)
      : this.unexpected(response)
  }

  private async json (response: Response): Promise<unknown> {
    try {
      return await response.json()
    } catch (err) {
      throw this.unexpected(response, err)
    }
  }

  private unexpected (response: Response, cause?: unknown): UnexpectedAnswerError {
    return new UnexpectedAnswerError(`What answers at ${this.url} is not a node's control API (status ${response.status})`, { cause })
  }
}

function withoutSlash (url: string): string {
  return url.replace(/\/$/, '')
}

function toParameters (query: object): URLSearchParams {
  return new URLSearchParams(Object.entries(query).filter(([, value]) => value != null).map(([key, value]) => [key, `${value}`]))
}

function scopePath (name: string): string {
  return `/scopes/${encodeURIComponent(name)}`
}

function proposalPath (scope: string, proposalId: number): string {
  return `${scopePath(scope)}/proposals/${proposalId}`
}
