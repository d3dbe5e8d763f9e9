-- The same training by the program, by bench/same_training.py, and by the prototype that is lost.
.import --csv prototype.csv r
SELECT images, epochs, '`' || method || '`' AS method, radius AS 'radius or rate', lr_rest AS 'lr-rest', augmentation,
       program_loss AS 'training loss', torch_loss AS 'in PyTorch', program_accuracy AS 'test accuracy, %', torch_accuracy AS 'in PyTorch, %',
       prototype_accuracy AS 'prototype, %'
FROM r;
