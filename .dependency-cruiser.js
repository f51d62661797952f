/**
 * Which folder of src may import which: no import goes in a circle, type imports included, and dependencies point inward.
 */

/**
 * What the files of a folder may import besides their own. A folder that is not named here (src/cli, the outermost) may import
 * all of them.
 *
 * @type {Record<string, string[]>}
 */
const mayImport = {
  // what any program could use: it knows nothing of voting
  'src/util': [],
  'src/consensus': ['src/pb', 'src/util'],
  // tests for implementations that others write
  'src/conformance': ['src/consensus'],
  'src/signers': ['src/consensus', 'src/pb', 'src/util'],
  'src/storage': ['src/consensus', 'src/pb', 'src/util'],
  'src/network': ['src/consensus', 'src/pb', 'src/util'],
  'src/index.ts': ['src/consensus', 'src/network', 'src/pb', 'src/signers'],
  // the types of the API are described once, for both its ends
  'src/node': ['src/client/types.ts', 'src/consensus', 'src/index.ts', 'src/network', 'src/pb', 'src/signers', 'src/storage', 'src/util'],
  // it runs in a browser, and knows the node by its API
  'src/node/page': ['src/client', 'src/consensus', 'src/util'],
  'src/client': ['src/consensus', 'src/pb', 'src/util']
}

/** @param {string[]} paths */
const anyOf = paths => `^(${paths.map(path => path.endsWith('.ts') ? path.replace('.', '\\.') : `${path}/`).join('|')})`

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'A type that two files need goes into a leaf, such as src/network/interface.ts.',
      severity: 'error',
      from: {},
      to: { circular: true }
    },
    ...Object.entries(mayImport).map(([folder, others]) => ({
      name: `${folder}-points-inward`,
      comment: `${folder} may import ${others.join(', ') || 'nothing else of src'}.`,
      severity: /** @type {const} */ ('error'),
      from: {
        path: anyOf([folder]),
        // a folder within that has rules of its own has only those
        pathNot: Object.keys(mayImport).filter(other => other.startsWith(`${folder}/`)).map(other => anyOf([other]))
      },
      to: { path: '^src/', pathNot: anyOf([folder, ...others]) }
    }))
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' }
  }
}
