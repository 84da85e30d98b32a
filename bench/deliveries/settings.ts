import type { Setting } from './types';

const SIZES = [10, 50, 300];

/** The default engine makes an isolate for each request, unless it is told to wait until one is needed. */
export const SETTINGS: Setting[] = [
  { name: 'legacy engine', env: { N8N_EXPRESSION_ENGINE: 'legacy' }, sizes: SIZES },
  { name: 'default engine', env: {}, sizes: SIZES },
  {
    name: 'default engine, isolates on demand',
    env: { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' },
    sizes: [50, 300],
  },
  {
    name: 'default engine, pool of 8',
    env: { N8N_EXPRESSION_ENGINE_POOL_SIZE: '8' },
    sizes: [300],
  },
];
