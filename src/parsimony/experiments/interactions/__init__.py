"""Runs of predictors of drug interactions: what may be known when, training, measures, and what an answer rests on."""
