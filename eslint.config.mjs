import { readdirSync } from 'node:fs';

import { buildScanConfig } from '@n8n/scan-community-package/scanner/scanner.mjs';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

// What ships is held to the rules of n8n's own scanner.
const shipped = ['package.json', 'nodes/**/*.{ts,json}', 'credentials/**/*.ts'];
const nodeFolders = readdirSync('nodes').filter((name) => name !== 'shared');

// Who may import from whom; CONTRIBUTING.md says what each folder holds.
const zones = [
  ...nodeFolders.map((name) => ({
    target: `nodes/${name}`,
    from: 'nodes',
    except: [`./${name}`, './shared'],
    message: 'A node does not import from inside another node: what two need lies in nodes/shared.',
  })),
  {
    target: 'nodes/shared',
    from: 'nodes',
    except: ['./shared'],
    message: 'What is shared does not import from a node.',
  },
  {
    target: ['nodes', 'credentials'],
    from: ['emulator', 'host', 'bench', 'docs'],
    message: 'What ships does not import what only the development needs.',
  },
  {
    target: ['nodes', 'credentials', 'emulator', 'host', 'bench', 'docs'],
    from: 'test',
    message: 'Only tests import from test.',
  },
  {
    target: 'emulator',
    from: ['nodes', 'credentials', 'host', 'bench'],
    message: 'The emulator knows Baseten’s documents alone.',
  },
  { target: 'host', from: 'bench', message: 'The benchmark stands on the host, not under it.' },
];

export default defineConfig(
  globalIgnores([
    'dist',
    'node_modules',
    'examples',
    'test/**/*.json',
    'host/*.json',
    'tsconfig*.json',
  ]),
  (await buildScanConfig()).map((config) => ({ ...config, files: config.files ?? shipped })),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        // Node's test runner waits for its own tests.
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              package: 'node:test',
              name: ['describe', 'test', 'before', 'after'],
            },
          ],
        },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    files: ['**/*.{ts,js,cjs,mjs}'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      // Prettier keeps code within 100 columns, but not comments.
      'max-len': [
        'error',
        {
          code: 100,
          ignoreUrls: true,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
        },
      ],
    },
  },
  {
    // What ships reads what others send, so the time it takes must not grow faster than the text.
    files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: false }],
    },
  },
);
