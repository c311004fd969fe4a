import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deadlines that a deployment allows; existing deployments keep those of the installation. */
export class DeploymentDeadlines1795613400000 implements MigrationInterface {
  readonly name = 'DeploymentDeadlines1795613400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE deployments
        ADD COLUMN start_deadline_ms integer,
        ADD COLUMN first_token_deadline_ms integer,
        ADD COLUMN inter_token_deadline_ms integer,
        ADD COLUMN total_deadline_ms integer,
        ADD CONSTRAINT deployments_deadlines_check
          CHECK (least(start_deadline_ms, first_token_deadline_ms, inter_token_deadline_ms, total_deadline_ms) > 0)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE deployments
        DROP CONSTRAINT deployments_deadlines_check,
        DROP COLUMN start_deadline_ms,
        DROP COLUMN first_token_deadline_ms,
        DROP COLUMN inter_token_deadline_ms,
        DROP COLUMN total_deadline_ms`);
  }
}
