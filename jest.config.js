const shared = {
  testEnvironment: 'node',
  // Types are checked by `npm run types`; here each file is only translated.
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false }] },
};

/** @type {import('jest').Config} */
module.exports = {
  projects: ['unit', 'emulator', 'engine', 'package', 'server'].map((name) => ({
    ...shared,
    displayName: name,
    testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    ...(name === 'engine' && {
      setupFiles: ['<rootDir>/test/engine/environment.js'],
      globalTeardown: '<rootDir>/test/engine/cleanUp.js',
    }),
  })),
};
