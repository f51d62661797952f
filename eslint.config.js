/**
 * aegir's rules, which all js-libp2p repositories share, and what the parts that run in a browser have
 * to do without. Which folder may import which is in .dependency-cruiser.js.
 */
import { builtinModules } from 'node:module'
import aegir from 'aegir/eslint.config.js'

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
    name: 'runs in browsers',
    files: ['src/index.ts', 'src/network/**/*.ts', 'src/client/**/*.ts', 'src/node/page/**/*.{ts,tsx}'],
    rules: forbid([nodeModules])
  },
  {
    name: 'pure core',
    files: ['src/consensus/**/*.ts', 'src/conformance/**/*.ts'],
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
