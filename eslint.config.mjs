import { buildScanConfig } from '@n8n/scan-community-package/scanner/scanner.mjs';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// What ships is held to the rules of n8n's own scanner; everything written in TypeScript also to typescript-eslint's.
const shipped = ['package.json', 'nodes/**/*.{ts,json}', 'credentials/**/*.ts'];

export default defineConfig(
  globalIgnores(['dist', 'node_modules', 'examples', 'test/**/*.json', 'host/*.json', 'tsconfig*.json']),
  (await buildScanConfig()).map((config) => ({ ...config, files: config.files ?? shipped })),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
);
