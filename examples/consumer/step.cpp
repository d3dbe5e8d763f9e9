// The solvers and the rest from C++: a solver that frees itself, and the names of what a router is shown.
#include <trmrouter/muon.h>
#include <trmrouter/trm.h>

#include <array>
#include <cmath>
#include <iostream>
#include <memory>

int main() {
    trm_error error{};
    muon_solver *created = nullptr;
    if (muon_solver_create(&created, "admm", 2, 2, nullptr, &error) != TRM_OK) {
        std::cerr << error.text << '\n';
        return 1;
    }
    const std::unique_ptr<muon_solver, void (*)(muon_solver *)> solver(created, muon_solver_destroy);

    const std::array<double, 4> W{1, 0, 0, 1}, G{3, 1, -1, 2};
    std::array<double, 4> A{};
    const muon_matrix w = muon_matrix_transposed_if_wide(W.data(), MUON_F64, 2, 2);
    const muon_matrix g = muon_matrix_transposed_if_wide(G.data(), MUON_F64, 2, 2);
    muon_matrix a = muon_matrix_transposed_if_wide(A.data(), MUON_F64, 2, 2);
    muon_info info{};
    if (muon_solver_solve(solver.get(), &w, &g, 0.1, nullptr, &a, nullptr, &info) != TRM_OK) {
        std::cerr << info.reason << '\n';
        return 1;
    }
    std::cout << "C++: " << muon_outcome_name(info.outcome) << ", ||A|| = " << info.norm << "; the first of "
              << TRM_FEATURE_COUNT << " features is " << trm_feature_name(TRM_FEATURE_LOG_LOSS) << '\n';
    return std::fabs(A[1] + 0.1) < 1e-6 && std::fabs(A[2] - 0.1) < 1e-6 ? 0 : 1;
}
