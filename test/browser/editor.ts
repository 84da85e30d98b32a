import type { Locator, Page } from 'playwright-core';
import type { TestBed } from '../../host/n8n/testBed';
import type { WorkflowJson } from '../../host/n8n/workflowJson';

/**
 * n8n's editor in a tab. Its methods are what a person does there; each waits until the page is
 * ready for it.
 */
export class Editor {
  constructor(
    readonly page: Page,
    readonly testBed: TestBed,
  ) {}

  /** The visible parts with one of n8n's own test IDs. */
  part(testId: string, inside: Page | Locator = this.page): Locator {
    return inside.getByTestId(testId).filter({ visible: true });
  }

  /**
   * Imports a workflow with a credential in place and opens it.
   * @param credentialId that of the test bed by default
   */
  async open(
    workflow: WorkflowJson,
    credentialId: string = this.testBed.credential.id,
  ): Promise<void> {
    const { api, url } = this.testBed.n8n;
    const id = await api.importWorkflow(workflow, { basetenWorkspaceApi: credentialId });
    await this.page.goto(`${url}/workflow/${id}`);
    for (const { name, type } of workflow.nodes) {
      if (type !== 'n8n-nodes-base.stickyNote') await this.node(name).waitFor();
    }
  }

  /** Opens a new, empty workflow. */
  async openNew(): Promise<void> {
    await this.page.goto(`${this.testBed.n8n.url}/workflow/new`);
    await this.part('canvas-add-button').waitFor();
  }

  /** A node on the canvas. */
  node(name: string): Locator {
    return this.page.locator(
      `[data-test-id="canvas-node"][data-node-name=${JSON.stringify(name)}]`,
    );
  }

  /** n8n's panel of nodes. */
  get panel(): Locator {
    return this.part('node-creator');
  }

  /** Opens the node panel of a workflow that has a trigger. */
  async openPanel(): Promise<void> {
    await this.part('node-creator-plus-button').click();
    await this.panel.waitFor();
  }

  /** Searches in the node panel, and waits until what was found before is gone. */
  async search(words: string): Promise<void> {
    const bar = this.part('node-creator-search-bar');
    await bar.fill('no node is called like this');
    await this.part('item-iterator-item').first().waitFor({ state: 'hidden' });
    await bar.fill(words);
  }

  /**
   * The icon of an entry of the node panel, if it comes from this file. While dragging n8n draws a
   * second one.
   */
  icon(title: string, file: string): Locator {
    return this.found(title).locator(`img[src$="/${file}"]`).first();
  }

  /** An entry of the node panel with exactly this title. */
  found(title: string): Locator {
    const name = this.page
      .getByTestId('node-creator-item-name')
      .filter({ hasText: new RegExp(`^\\s*${title}\\s*$`) });
    return this.part('item-iterator-item').filter({ has: name });
  }

  /** Adds a sub-node with the plus of a connection, and leaves its panel open. */
  async addSubNode(parent: string, connection: string, title: string): Promise<void> {
    const handle = this.part('canvas-node-input-handle', this.node(parent));
    await handle
      .and(this.page.locator(`[data-connection-type="${connection}"]`))
      .getByTestId('canvas-handle-plus')
      .click();
    await this.search(title);
    await this.found(title).click();
    await this.found('Add to workflow').or(this.page.getByText('Add to workflow')).first().click();
    await this.part('node-parameters').waitFor();
  }

  /** Opens a node's panel. */
  async openNode(name: string): Promise<void> {
    await this.node(name).dblclick();
    await this.part('node-parameters').waitFor();
  }

  async closeNode(): Promise<void> {
    await this.part('ndv-close-button').click();
    await this.part('ndv').waitFor({ state: 'hidden' });
  }

  /** A parameter of the open node or credential. */
  parameter(name: string): Locator {
    return this.part(`parameter-input-${name}`);
  }

  get credentialDialog(): Locator {
    return this.page
      .locator('.el-dialog')
      .filter({ has: this.page.getByTestId('credential-save-button') });
  }

  /** Saves the open credential, which tests it. */
  async save(): Promise<void> {
    await this.part('credential-save-button').click();
  }

  /** What was copied last. */
  async clipboard(): Promise<string> {
    return await this.page.evaluate('navigator.clipboard.readText()');
  }

  /** Opens the list of a resource locator and waits until it is filled. */
  async openList(parameter: string): Promise<void> {
    await this.part('rlc-input', this.part(`resource-locator-${parameter}`)).click();
    await this.part('rlc-item').first().waitFor();
  }

  /** Chooses an entry of an open list of a resource locator. */
  async choose(parameter: string, entry: string): Promise<void> {
    await this.openList(parameter);
    await this.part('rlc-search').fill(entry);
    await this.part('rlc-item').nth(1).waitFor({ state: 'hidden' });
    await this.part('rlc-item').filter({ hasText: entry }).click();
  }

  /** Chooses the option of a parameter whose name begins with these words. */
  async select(parameter: string, option: string): Promise<void> {
    await this.parameter(parameter).click();
    await this.page.getByRole('option', { name: new RegExp(`^${option}`) }).click();
  }

  /** The fields that the form of a model has. */
  get fields(): Locator {
    return this.part('mapping-fields-container');
  }

  /** One of the fields that the form of a model has. */
  modelField(name: string): Locator {
    return this.part(`parameter-input-${name}`, this.fields);
  }

  /** What stands in the place of fields if a model has none. */
  get fieldsNotice(): Locator {
    return this.part('empty-fields-notice');
  }

  /** Replaces what stands in a parameter's code editor. */
  async writeCode(parameter: string, code: string): Promise<void> {
    await this.parameter(parameter).locator('.cm-content').click();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.insertText(code);
  }

  /**
   * Runs the open node and waits until its output panel shows something and it can be run again.
   */
  async execute(): Promise<void> {
    const button = this.part('node-execute-button');
    await button.click();
    await this.part('ndv-items-count', this.output).waitFor();
    await button.getByText('Execute step').waitFor();
  }

  /** The right half of an open node's panel. */
  get output(): Locator {
    return this.part('output-panel');
  }

  /** Shows the output as JSON. */
  async showJson(): Promise<void> {
    await this.part('radio-button-json', this.output).click();
    await this.output.locator('.json-data, .vjs-tree').first().waitFor();
  }

  /** Moves the canvas so that all nodes are on it, and waits until it stands still. */
  async fit(): Promise<void> {
    await this.part('zoom-to-fit').click();
    await this.page.waitForFunction('canvasStandsStill()', undefined, { polling: 300 });
  }
}
