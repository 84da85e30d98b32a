import type { SimulatedTestBed } from '../../../host/n8n/testBed';
import type { WorkflowJson } from '../../../host/n8n/workflowJson';
import type { Editor } from '../editor';

/** What a person did in the editor. */
interface Acts {
  /** Presses of a mouse button. */
  clicks: number;
  /** Fields that were typed into. */
  fields: number;
}

/** A person at the editor, whose clicks and typed fields are counted. */
export class Person {
  readonly acts: Acts = { clicks: 0, fields: 0 };
  private counts = true;

  private constructor(
    readonly editor: Editor,
    readonly testBed: SimulatedTestBed,
  ) {}

  /** Lets a person begin in this tab. */
  static async at(editor: Editor, testBed: SimulatedTestBed): Promise<Person> {
    const person = new Person(editor, testBed);
    // The page tells of what is done in it; see inPage.js.
    await editor.page.exposeFunction('countAct', (act: keyof Acts) => {
      if (person.counts) person.acts[act]++;
    });
    return person;
  }

  /** The ID of the workflow in this tab. */
  get workflowId(): string {
    return /\/workflow\/([^/?]+)/.exec(this.editor.page.url())?.[1] as string;
  }

  /**
   * Creates a credential from n8n's overview. What only the emulator needs is not counted.
   */
  async createCredential(fields: Record<string, string>): Promise<void> {
    const { editor, testBed } = this;
    await editor.page.goto(`${testBed.n8n.url}/home/credentials`);
    await editor.part('add-resource-credential').click();
    await editor.part('new-credential-type-select').locator('input').fill('baseten');
    await editor
      .part('new-credential-type-select-option')
      .filter({ hasText: 'Baseten Workspace API' })
      .click();
    await editor.part('new-credential-type-button').click();
    const field = (name: string) => editor.parameter(name).locator('input');
    for (const [name, value] of Object.entries(fields)) await field(name).fill(value);
    await this.uncounted(async () => {
      await editor.select('endpoints', 'Custom');
      for (const name of ['deploymentUrl', 'modelApiUrl', 'managementUrl'])
        await field(name).fill(String(testBed.credential.data[name]));
    });
    await editor.save();
    await editor.page.getByText('Connection tested successfully').waitFor();
    await editor.page.keyboard.press('Escape');
    await editor.credentialDialog.waitFor({ state: 'hidden' });
  }

  /** Makes a workflow of a file with this name. */
  async importFile(name: string, workflow: WorkflowJson): Promise<void> {
    const { editor } = this;
    await editor.openNew();
    await editor.part('workflow-menu').click();
    await editor.part('workflow-menu-item-import').click();
    const [chooser] = await Promise.all([
      editor.page.waitForEvent('filechooser'),
      editor.part('workflow-menu-item-import-from-file').click(),
    ]);
    const buffer = Buffer.from(JSON.stringify(workflow));
    await chooser.setFiles({ name, mimeType: 'application/json', buffer });
    await editor.page.getByTestId('canvas-node').first().waitFor();
    await editor.fit();
  }

  /** Begins a new workflow with a node that the panel has for these words, and opens its action. */
  async beginWith(words: string, node: string, action: string): Promise<void> {
    const { editor } = this;
    await editor.openNew();
    await editor.part('canvas-add-button').click();
    await editor.search(words);
    await editor.found(node).click();
    // Of a first step n8n shows the triggers, and folds the actions away.
    const actions = editor.panel.getByText(/^Actions \(\d+\)$/);
    await actions.waitFor();
    if (!(await editor.found(action).isVisible())) await actions.click();
    await editor.found(action).click();
    await editor.part('node-parameters').waitFor();
  }

  /** Executes the workflow from its only trigger, or from one of several. */
  async execute(trigger?: string): Promise<void> {
    const { editor } = this;
    if (trigger) {
      await editor.node(trigger).hover();
      await editor.part(`execute-workflow-button-${trigger}`).click();
    } else {
      await editor.part('execute-workflow-button').click();
    }
    await editor.page.getByText('Workflow executed successfully').waitFor();
  }

  /** Publishes the workflow. */
  async publish(): Promise<void> {
    const { editor } = this;
    await editor.part('workflow-open-publish-modal-button').click();
    await editor.part('workflow-publish-button').click();
    await editor.page.getByRole('button', { name: 'Got it' }).click();
  }

  /** Does something that is only needed because Baseten is simulated. */
  private async uncounted(work: () => Promise<void>): Promise<void> {
    await this.told();
    this.counts = false;
    await work();
    await this.told();
    this.counts = true;
  }

  /** Waits until the page has told of all that was done: what it says arrives in order. */
  private async told(): Promise<void> {
    await this.editor.page.evaluate('0');
  }
}
