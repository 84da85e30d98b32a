import { N8nApi } from './api';
import type { WorkflowJson } from './workflowJson';

/**
 * The REST API of n8n 2.8. There triggers listen when an activation is answered, and a run is
 * started with the workflow itself.
 */
export class OlderN8nApi extends N8nApi {
  protected override async start(id: string, versionId: string): Promise<void> {
    await this.call('POST', `/rest/workflows/${id}/activate`, { versionId });
  }

  override async run(id: string, triggerName: string): Promise<string> {
    const workflowData = await this.call<WorkflowJson>('GET', `/rest/workflows/${id}`);
    return await this.startRun(id, triggerName, { workflowData });
  }
}
