/**
 * aegir's rules, which all js-libp2p repositories share, and the layout of this one: which folder
 * may import which, and what the parts that run in a browser have to do without.
 */
import { builtinModules } from 'node:module'
import aegir from 'aegir/eslint.config.js'

/**
 * What the files of a folder may import besides their own. Dependencies point inward: a folder
 * that is not named here (src/cli, the outermost) may import all of them.
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

/**
 * Where the files of a folder are that follow its rules: a folder within that has rules of its own has only those.
 *
 * @param {string} folder
 */
function targetsOf (folder) {
  const within = Object.keys(mayImport).filter(other => other.startsWith(`${folder}/`)).map(other => other.slice(folder.length + 1))

  return within.length === 0 ? `./${folder}` : [`./${folder}/*.ts`, `./${folder}/!(${within.join('|')})/**/*`]
}

const nodeModules = {
  regex: `^(node:|(${builtinModules.join('|')})(/|$))`,
  message: 'This part has to run in a browser too: no Node.js modules.'
}

const libp2pModules = {
  regex: '^(libp2p$|@libp2p/|@chainsafe/libp2p-|@multiformats/)',
  message: 'The consensus core does not know libp2p: take what you need as an argument.'
}

// a Date made of a given time is no clock
const readingTheClock = {
  selector: ':matches(MemberExpression[object.name="Date"][property.name="now"], MemberExpression[object.property.name="Date"][property.name="now"], NewExpression[callee.name="Date"][arguments.length=0], CallExpression[callee.name="Date"])',
  message: 'The core does not look at the clock: it uses the one it is given.'
}

/**
 * @param {Array<{ regex: string, message: string }>} modules
 * @param {Array<{ selector: string, message: string }>} syntax
 */
function forbid (modules, syntax = []) {
  return {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: modules }],
    // the rule above does not see `import('…')`
    'no-restricted-syntax': ['error', ...syntax, ...modules.map(({ regex, message }) => ({
      selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\/')}/]`,
      message
    }))]
  }
}

export default [
  {
    ignores: ['dist/', '.docs/', '.coverage/', 'src/pb/']
  },
  ...aegir,
  {
    name: 'documentation',
    files: ['**/*.{ts,tsx}'],
    rules: {
      // a list has indented lines, and only what is not clear from its name needs a @param
      'jsdoc/check-indentation': ['error', { allowIndentedSections: true }],
      'jsdoc/check-param-names': ['error', { disableMissingParamChecks: true }]
    }
  },
  {
    name: 'layout',
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'import/no-restricted-paths': ['error', {
        zones: Object.entries(mayImport).map(([target, others]) => ({
          target: targetsOf(target),
          from: './src',
          except: [target, ...others].map(path => path.replace('src/', './')),
          message: `${target} may import ${others.join(', ')} and nothing else of src.`
        }))
      }]
    }
  },
  {
    name: 'runs in browsers',
    files: ['src/index.ts', 'src/network/**/*.ts', 'src/client/**/*.ts', 'src/node/page/**/*.{ts,tsx}'],
    rules: forbid([nodeModules])
  },
  {
    name: 'pure core',
    files: ['src/consensus/**/*.ts'],
    rules: {
      ...forbid([nodeModules, libp2pModules], [readingTheClock]),
      'no-restricted-globals': ['error', {
        checkGlobalObject: true,
        globals: [
          { name: 'performance', message: readingTheClock.message },
          ...['setTimeout', 'setInterval', 'setImmediate'].map(name => ({
            name, message: 'The core has no timers: who uses it says when time is up.'
          })),
          ...['process', 'Buffer'].map(name => ({
            name, message: 'The core has to run in a browser too.'
          }))
        ]
      }]
    }
  },
  {
    name: 'programs print',
    files: ['scripts/**/*.ts', 'src/cli/**/*.ts', 'examples/**/*.js'],
    rules: {
      'no-console': 'off'
    }
  },
  {
    name: 'examples explain themselves',
    files: ['examples/**/*.js'],
    rules: {
      // their headers show what is printed
      'jsdoc/check-indentation': 'off',
      // without TypeScript a @param would have to say the type
      'jsdoc/require-param': 'off'
    }
  }
]
