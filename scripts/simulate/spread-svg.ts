/**
 * Draws the figures of a spread simulation.
 */

import type { SpreadFigures } from './spread.ts'

interface Line {
  name: string
  color: string
  dashed?: boolean
  value (figures: SpreadFigures): number
}

interface Chart {
  title: string
  /** Distance between the lines across it, in its own unit */
  step: number
  /** How far below its top the lines are named, where they leave room */
  legend: number
  lines: Line[]
}

const CHARTS: Chart[] = [
  {
    title: 'Rounds until a vote, or a decision, is everywhere',
    step: 5,
    legend: 8,
    lines: [
      { name: '2·log2 n, the limit', color: '#888', dashed: true, value: ({ limit }) => limit },
      { name: 'slowest vote', color: '#c0392b', value: ({ voteRounds }) => voteRounds },
      { name: 'last node to decide', color: '#8e44ad', dashed: true, value: ({ decisionRounds }) => decisionRounds },
      { name: 'votes on average', color: '#2471a3', value: ({ meanVoteRounds }) => meanVoteRounds }
    ]
  },
  {
    title: 'Copies of a vote that a node receives',
    step: 2,
    legend: 100,
    lines: [
      { name: 'mesh peers', color: '#888', dashed: true, value: ({ meshPeers }) => meshPeers },
      { name: 'copies', color: '#2471a3', value: ({ messagesPerVote }) => messagesPerVote }
    ]
  }
]

const WIDTH = 460
const HEIGHT = 300
const MARGIN = { top: 44, right: 20, bottom: 46, left: 40 }

/** An image of 920 × 300 */
export function drawSpread (figures: SpreadFigures[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CHARTS.length * WIDTH}" height="${HEIGHT}" viewBox="0 0 ${CHARTS.length * WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<title>How votes spread among ${figures[0].nodes} to ${figures[figures.length - 1].nodes} nodes</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...CHARTS.map((chart, place) => `<g transform="translate(${place * WIDTH} 0)">${drawChart(chart, figures)}</g>`),
    '</svg>',
    ''
  ].join('\n')
}

function drawChart ({ title, step, legend: legendTop, lines }: Chart, figures: SpreadFigures[]): string {
  const top = Math.ceil(Math.max(...lines.flatMap(({ value }) => figures.map(value))) / step) * step
  const [first, last] = [figures[0].nodes, figures[figures.length - 1].nodes].map(Math.log10)
  const x = (nodes: number): number => MARGIN.left + (Math.log10(nodes) - first) / Math.max(last - first, Number.EPSILON) * (WIDTH - MARGIN.left - MARGIN.right)
  const y = (value: number): number => HEIGHT - MARGIN.bottom - value / top * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const parts = [`<text x="${MARGIN.left}" y="20" font-weight="bold">${title}</text>`]

  for (let value = 0; value <= top; value += step) {
    parts.push(`<path d="M${MARGIN.left} ${point(y(value))}H${WIDTH - MARGIN.right}" stroke="#ddd"/>`, text(MARGIN.left - 8, y(value) + 4, 'end', `${value}`))
  }

  for (const { nodes } of figures.filter(({ nodes }) => Number.isInteger(Math.log10(nodes)))) {
    parts.push(text(x(nodes), HEIGHT - MARGIN.bottom + 18, 'middle', nodes.toLocaleString('en')))
  }

  parts.push(text((MARGIN.left + WIDTH - MARGIN.right) / 2, HEIGHT - 10, 'middle', 'nodes'))

  for (const [place, { name, color, dashed = false, value }] of lines.entries()) {
    const stroke = `stroke="${color}" stroke-width="2"${dashed ? ' stroke-dasharray="6 4"' : ''}`
    const points = figures.map(found => `${point(x(found.nodes))} ${point(y(value(found)))}`)
    const legend = MARGIN.top + legendTop + place * 17

    parts.push(
      `<path d="M${points.join('L')}" fill="none" ${stroke}/>`,
      `<path d="M${MARGIN.left + 12} ${legend}h26" ${stroke}/>`,
      text(MARGIN.left + 46, legend + 4, 'start', name)
    )
  }

  return parts.join('\n')
}

function text (x: number, y: number, anchor: string, content: string): string {
  return `<text x="${point(x)}" y="${point(y)}" text-anchor="${anchor}">${content}</text>`
}

function point (value: number): string {
  return value.toFixed(1).replace('.0', '')
}
