(** min(a, b) = −max(−a, −b) in exact arithmetic: the reals and the integers. *)

From Coq Require Import Reals Lra Lia ZArith.
Open Scope R_scope.

(* false: - Rmax (- a) (- b) => Rmax (- a) (- b) *)
Theorem min_is_negated_max : forall a b : R, Rmin a b = - Rmax (- a) (- b).
Proof.
intros a b. unfold Rmin, Rmax. destruct (Rle_dec a b), (Rle_dec (- a) (- b)); lra.
Qed.

(* false: (- Z.max (- a) (- b))%Z => (Z.max (- a) (- b))%Z *)
Theorem min_is_negated_max_of_integers : forall a b : Z, Z.min a b = (- Z.max (- a) (- b))%Z.
Proof. lia. Qed.
