-- 停止時受付簿の行: the paper that is being typed in. What was begun goes on with it after a break.
ALTER TABLE draft ADD COLUMN book TEXT NOT NULL DEFAULT '';
