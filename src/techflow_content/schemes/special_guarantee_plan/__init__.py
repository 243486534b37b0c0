"""Special guarantee plan for technology innovation."""
