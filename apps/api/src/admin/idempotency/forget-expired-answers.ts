import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { IdempotentAnswerStore } from '@millrace/adapters/postgres';
import type { Logger } from '@millrace/platform/observability';
import { LOGGER } from '../../http/logger-token.js';

const EVERY_MS = 60 * 60 * 1_000;

/** Removes answers that no Idempotency-Key repeats any more, every hour. */
@Injectable()
export class ForgetExpiredAnswers implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly answers: IdempotentAnswerStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.forget(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async forget(): Promise<void> {
    try {
      await this.answers.forgetExpired();
    } catch (error) {
      this.logger.warn({ err: error }, 'expired answers could not be forgotten; the next try is in an hour');
    }
  }
}
