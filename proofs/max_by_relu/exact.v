(** max(a, b) by ReLUs in exact arithmetic: the reals and the integers. *)

From Coq Require Import Reals Lra Lia ZArith.
Open Scope R_scope.

Definition relu (x : R) : R := Rmax x 0.
Definition integer_relu (x : Z) : Z := Z.max x 0.

(* false: relu (a - b) + b => relu (a - b) + a *)
Theorem max_is_relu : forall a b : R, Rmax a b = relu (a - b) + b.
Proof.
intros a b. unfold relu, Rmax. destruct (Rle_dec a b), (Rle_dec (a - b) 0); lra.
Qed.

(* false: integer_relu (a - b) + b => integer_relu (a - b) + a *)
Theorem max_is_relu_of_integers : forall a b : Z, Z.max a b = (integer_relu (a - b) + b)%Z.
Proof. intros a b. unfold integer_relu. lia. Qed.

(* false: relu b - relu (- b) => relu b *)
Theorem max_is_three_relus : forall a b : R, Rmax a b = relu (a - b) + relu b - relu (- b).
Proof.
intros a b. unfold relu, Rmax.
destruct (Rle_dec a b), (Rle_dec (a - b) 0), (Rle_dec b 0), (Rle_dec (- b) 0); lra.
Qed.
