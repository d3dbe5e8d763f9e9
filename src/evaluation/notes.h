/* What a reader of an evaluation must know, in sentences. */
#ifndef TRM_EVALUATION_NOTES_H
#define TRM_EVALUATION_NOTES_H

#include "evaluation/partition.h"

/* After all scores are there. */
void notes_write(const struct partition *parts, const struct trm_split *split,
                 struct trm_evaluation *evaluation);

#endif
