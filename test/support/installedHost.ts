import { ensureHost } from '../../host/install/install';
import { progressLines } from '../../host/install/progress';
import type { Host } from '../../host/install/types';

/**
 * Returns the n8n that tests run on. If it has to be installed, that is shown in lines.
 * @param pinFolder the folder that names another n8n than the usual one
 */
export async function installedHost(
  options: { signal?: AbortSignal; pinFolder?: string } = {},
): Promise<Host> {
  const progress = progressLines();
  try {
    return await ensureHost(progress.show, options.signal, options.pinFolder);
  } finally {
    progress.stop();
  }
}
