/** @type {import('aegir').PartialOptions} */
export default {
  build: {
    // no bundle for browsers yet, so there is no size to watch either
    bundle: false,
    bundlesize: false
  },
  test: {
    target: ['node'],
    files: ['test/**/*.spec.ts'],
    timeout: 60_000
  },
  dependencyCheck: {
    ignore: [
      // every npm script runs on it
      'node',
      // aegir runs the tests with it
      'mocha',
      // lint runs it
      'dependency-cruiser',
      // examples import the package by its name, what comes with Helia, and a module that is in Node.js
      'libp2p-voting',
      'multiformats',
      'node:sqlite'
    ],
    // what is not part of the published package may use devDependencies
    productionIgnorePatterns: [
      '/dist',
      '/examples',
      '/scripts',
      '/test',
      '/.aegir.js',
      '/eslint.config.js'
    ]
  }
}
