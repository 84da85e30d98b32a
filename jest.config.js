const shared = {
  testEnvironment: 'node',
  // Types are checked by `npm run types`; here each file is only translated.
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false }] },
  moduleNameMapper: { '^markdown-table$': '<rootDir>/test/support/markdownTable.js' },
};

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    'unit',
    'emulator',
    'engine',
    'faults',
    'growth',
    'package',
    'server',
    'waiting',
    'compatibility',
    'browser',
  ].map((name) => ({
    ...shared,
    displayName: name,
    testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
    ...(['engine', 'faults'].includes(name) && {
      setupFiles: ['<rootDir>/host/n8n/engineEnvironment.js'],
      globalTeardown: '<rootDir>/host/n8n/engineCleanUp.js',
    }),
  })),
};
