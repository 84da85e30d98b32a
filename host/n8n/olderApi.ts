import { N8nApi } from './api';
import type { WorkflowJson } from './workflowJson';

/** The REST API of n8n 1.x where it differs: it knows workflows that are switched on, not versions that are published. */
export class OlderN8nApi extends N8nApi {
  protected override readonly newWorkflow = { active: false };

  protected override async start(id: string, versionId: string): Promise<void> {
    await this.call('PATCH', `/rest/workflows/${id}`, { active: true, versionId });
  }

  override async run(id: string, triggerName: string): Promise<string> {
    const workflowData = await this.call<WorkflowJson>('GET', `/rest/workflows/${id}`);
    return await this.startRun(id, triggerName, { workflowData });
  }
}
