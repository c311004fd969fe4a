import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deployments that take one replica on each runner; those that exist stay as they are. */
export class PerRunner1795611600000 implements MigrationInterface {
  readonly name = 'PerRunner1795611600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE deployments ADD COLUMN per_runner boolean NOT NULL DEFAULT false');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE deployments DROP COLUMN per_runner');
  }
}
